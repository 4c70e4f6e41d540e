import copy

import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from obs.errors import PublicationError
from obs.report.kernel.output_gate import check_outputs, released_block, seal

MIME = "application/vnd.obs+json"


def run_with(*outputs):
    """A notebook as if run by `obs`, with these outputs in its third cell."""
    cell = new_code_cell("show()", outputs=list(outputs), metadata={"obs_cell": 3})
    notebook = new_notebook(cells=[cell], metadata={"obs": {"lang": "fr", "parameters": {}}})
    notebook.metadata["obs"]["seal"] = seal(notebook)
    return notebook


def shown(data):
    return new_output("display_data", data=data)


def test_a_released_block_passes(block):
    check_outputs(run_with(shown({MIME: block("figure", "a", "fr"), "text/html": ""})))


@pytest.mark.parametrize(
    ("output", "message"),
    [
        (new_output("stream", name="stdout", text="12"), "cell 3 prints text; remove the print"),
        (new_output("stream", name="stderr", text="FutureWarning"), "cell 3 wrote a warning"),
        (shown({"text/html": "<table>", "text/plain": "a b"}), "shows a bare table"),
        (shown({"text/plain": "1234"}), "shows a bare value; bind it with obs.fact"),
        (shown({"image/png": "iVBOR", "text/plain": "<Figure>"}), "figure that is not from obs"),
        (shown({"image/svg+xml": "<svg/>"}), "figure that is not from obs"),
        (shown({"text/plain": "Released(theft)", "text/html": ""}), "use obs.show_table"),
        (new_output("error", ename="E", evalue="", traceback=[]), "ended in an error"),
    ],
)
def test_anything_else_is_refused_with_its_cell(output, message):
    with pytest.raises(PublicationError, match=message):
        check_outputs(run_with(output))


@pytest.mark.parametrize(
    "mark",
    [
        None,
        True,
        {},
        {"released": False, "rule": "default", "seal": "0"},
        {"released": True, "rule": "", "seal": "0"},
        {"released": True, "rule": "default"},
        {"released": "true", "rule": "default", "seal": "0"},
    ],
)
def test_a_block_without_a_whole_mark_is_refused(block, mark):
    output = shown({MIME: block("figure", "a", "fr", status=mark)})
    assert released_block(output) is None
    with pytest.raises(PublicationError, match="without the mark of a release"):
        check_outputs(run_with(output))


def test_every_fault_is_told_at_once():
    with pytest.raises(PublicationError, match="prints text.*bare value"):
        check_outputs(run_with(new_output("stream", text="1"), shown({"text/plain": "2"})))


def test_a_notebook_not_run_by_obs_is_refused():
    with pytest.raises(PublicationError, match="was not run by obs.*obs render"):
        check_outputs(new_notebook(cells=[new_code_cell("1")]))


@pytest.mark.parametrize("change", ["source", "output", "parameter", "cell"])
def test_a_notebook_changed_since_its_run_is_refused(block, change):
    notebook = run_with(shown({MIME: block("figure", "a", "fr")}))
    check_outputs(notebook)
    edited = copy.deepcopy(notebook)
    if change == "source":
        edited.cells[0].source = "show(2)"
    elif change == "output":
        edited.cells[0].outputs[0].data[MIME]["title"] = "Other"
    elif change == "parameter":
        edited.metadata["obs"]["parameters"] = {"edition": 2023}
    else:
        edited.cells.append(new_code_cell("1"))
    with pytest.raises(PublicationError, match="changed since its run"):
        check_outputs(edited)
