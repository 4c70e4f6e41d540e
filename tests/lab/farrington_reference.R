# Makes the expected values of test_alerts.py: R package surveillance 1.20.3.
library(surveillance)
t <- 0:363
y <- round((8 + 0.02 * t) * (1 + 0.4 * cos(2 * pi * t / 52)) * (1 + 0.45 * sin(1.7 * t)))
y[c(201, 361, 364)] <- c(60, 55, 40)
s <- sts(observed = y, frequency = 52, epoch = seq_along(y))
f <- farringtonFlexible(s, control = list(
  range = 350:364, b = 5, w = 3, reweight = TRUE, weightsThreshold = 2.58, trend = TRUE,
  pThresholdTrend = 1, noPeriods = 10, pastWeeksNotIncluded = 26,
  thresholdMethod = "nbPlugin", alpha = 0.01))
cat(sprintf("(%d, %.6f, %.6f, %d, %s),\n", 350:364 - 1, f@control$expected[, 1],
  f@control$phiVector[, 1], as.integer(f@upperbound[, 1]), f@alarm[, 1]), sep = "")
