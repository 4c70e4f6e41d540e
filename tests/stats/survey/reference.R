# Values of R survey for tests/stats/survey/test_reference.py, on a table made by formula.
# Rscript reference.R > reference.json
suppressMessages(library(survey))
i <- 0:239
d <- data.frame(
  stratum = i %/% 60, psu = (i %/% 10) %% 6, pair = (i %/% 30) %% 2, row = i,
  y = (i * 37) %% 101, count = ((i * i + 3 * i) %% 7) %% 4, x = (i * 13) %% 29,
  group = c("p", "q", "r")[1 + (i * 11) %% 3], flag = ((i * 17) %% 5 < 2) * 1,
  exposure = 1 + (i * 7) %% 6
)
d$n1 <- c(20, 30, 25, 40)[1 + d$stratum]
d$n2 <- c(50, 40, 80)[1 + d$psu %% 3]
d$w <- d$n1 / 6 * d$n2 / 10 * (1 + (i %% 4) / 10)
d$z <- d$y + i / 1000  # no ties: R breaks them by row order
d$id <- d$stratum * 10 + d$psu
d$half <- d$stratum * 2 + d$pair
two <- svydesign(id = ~id + row, strata = ~stratum, fpc = ~n1 + n2, weights = ~w, data = d)
one <- svydesign(id = ~id, strata = ~stratum, weights = ~w, data = d)
pairs <- svydesign(id = ~half, strata = ~stratum, weights = ~w, data = d)
out <- list()
se <- function(s) as.numeric(SE(s))
m <- svymean(~y, two, deff = TRUE)
out$two_stage_mean <- c(coef(m), se(m), deff(m))
out$two_stage_total <- c(coef(svytotal(~y, two)), se(svytotal(~y, two)))
b <- svyby(~y, ~group, two, svymean, deff = TRUE)
out$two_stage_by <- cbind(b$y, b$se, b$DEff.y)
out$quantiles <- lapply(
  c("math", "school", "hf4", "hf5", "hf6", "hf7", "hf8", "hf9"),
  function(rule) as.numeric(svyquantile(~y, one, c(0.1, 0.25, 0.5, 0.9), qrule = rule)$y)
)
glms <- list(
  gaussian = svyglm(y ~ x + group, one),
  binomial = svyglm(flag ~ x + group, one, family = quasibinomial),
  poisson = svyglm(count ~ x + group + offset(log(exposure)), one, family = quasipoisson)
)
out$glm <- lapply(glms, function(g) {
  list(coef = as.numeric(coef(g)), se = as.numeric(SE(g)), df = g$df.residual,
       p = as.numeric(summary(g)$coefficients[, 4]))
})
t <- regTermTest(glms$gaussian, ~group)
out$term <- c(t$Ftest, t$df, t$ddf, t$p)
for (s in c("F", "Wald")) {
  t <- svychisq(~flag + group, one, statistic = s)
  out[[paste0("chisq_", s)]] <- c(t$statistic, t$parameter, t$p.value)
}
t <- svyttest(y ~ flag, one)
out$t <- c(t$statistic, t$parameter, t$p.value)
for (kind in c("wilcoxon", "median", "vanderWaerden")) {
  t <- svyranktest(z ~ flag, one, test = kind)
  out[[kind]] <- c(t$statistic, t$parameter, t$p.value)
}
for (kind in c("JKn", "BRR", "Fay")) {
  design <- if (kind == "JKn") one else pairs
  r <- if (kind == "Fay") as.svrepdesign(design, type = kind, fay.rho = 0.3) else as.svrepdesign(design, type = kind)
  rr <- svyratio(~y, ~exposure, r)
  out[[kind]] <- c(coef(svymean(~y, r)), se(svymean(~y, r)), se(svytotal(~y, r)), as.numeric(SE(rr)), degf(r))
}
gj <- svyglm(flag ~ x, as.svrepdesign(one, type = "JKn"), family = quasibinomial)
out$glm_jkn <- c(as.numeric(coef(gj)), as.numeric(SE(gj)))
N <- sum(d$w)
tot <- tapply(d$w, d$group, sum) * c(1.1, 0.95, 1)
flagtot <- c("0" = 0.55, "1" = 0.45) * sum(tot)
two$variables$g <- factor(d$group)
one$variables$f <- factor(d$flag)
lin <- calibrate(one, ~ group + f + x, c(`(Intercept)` = sum(tot), groupq = tot[["q"]], groupr = tot[["r"]], f1 = flagtot[["1"]], x = 14.5 * sum(tot)))
out$linear <- c(coef(svymean(~y, lin)), se(svymean(~y, lin)), range(weights(lin) / d$w))
ps <- postStratify(one, ~group, data.frame(group = names(tot), Freq = as.numeric(tot)))
out$post <- c(coef(svymean(~y, ps)), se(svymean(~y, ps)), se(svytotal(~y, ps)))
b <- svyby(~y, ~flag, ps, svymean)
out$post_by <- cbind(b$y, b$se)
rk <- rake(one, list(~group, ~f), list(data.frame(group = names(tot), Freq = as.numeric(tot)), data.frame(f = names(flagtot), Freq = as.numeric(flagtot))), control = list(maxit = 200, epsilon = 1e-12))
out$rake_mean <- coef(svymean(~y, rk))
gr <- calibrate(one, ~ group + f, c(`(Intercept)` = sum(tot), groupq = tot[["q"]], groupr = tot[["r"]], f1 = flagtot[["1"]]), calfun = "raking", epsilon = 1e-12)
out$rake <- c(coef(svymean(~y, gr)), se(svymean(~y, gr)))
lg <- calibrate(one, ~ group + f, c(`(Intercept)` = sum(tot), groupq = tot[["q"]], groupr = tot[["r"]], f1 = flagtot[["1"]]), calfun = "logit", bounds = c(0.5, 2), epsilon = 1e-12)
out$logit <- c(coef(svymean(~y, lg)), se(svymean(~y, lg)))
out$totals <- c(as.numeric(tot), as.numeric(flagtot), 14.5 * sum(tot))
st <- svyby(~y, ~flag, svystandardize(one, ~group, over = ~flag, population = c(100, 300, 200)), svymean)
out$standardised <- cbind(st$y, st$se)
cj <- svyby(~y, ~group, one, svymean, covmat = TRUE)
ct <- svycontrast(cj, list(d = c(q = 1, p = -1)))
out$contrast <- c(coef(ct), se(ct))
cr <- svycontrast(cj, quote(q / p))
out$ratio_contrast <- c(coef(cr), se(cr))
num <- function(v) sprintf("%.15g", v)
emit <- function(v) {
  if (is.list(v)) {
    body <- vapply(v, emit, "")
    if (is.null(names(v))) return(paste0("[", paste(body, collapse = ", "), "]"))
    return(paste0("{", paste0("\"", names(v), "\": ", body, collapse = ", "), "}"))
  }
  if (is.matrix(v)) return(paste0("[", paste(apply(v, 1, function(r) paste0("[", paste(num(r), collapse = ", "), "]")), collapse = ", "), "]"))
  if (length(v) == 1) return(num(v))
  paste0("[", paste(num(v), collapse = ", "), "]")
}
out$version <- as.numeric(paste(unlist(packageVersion("survey"))[1:2], collapse = "."))
cat("{\n", paste0("\"", names(out), "\": ", vapply(out, emit, ""), collapse = ",\n"), "\n}\n", sep = "")
