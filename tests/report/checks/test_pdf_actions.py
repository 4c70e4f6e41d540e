"""What runs in a PDF is seen wherever it hangs: at the file, at a page, at a link, at an event."""

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name

from obs.report.checks.pdf_checks import pdf_faults

SCRIPT = {"S": Name.JavaScript, "JS": "app.alert(1)"}
LAUNCH = {"S": Name.Launch, "F": "a.exe"}
WEB = {"S": Name.URI, "URI": "https://example.org/JS"}


def at_file(pdf, action):
    pdf.Root.OpenAction = action


def at_event_of_file(pdf, action):
    pdf.Root.AA = Dictionary(WC=action)


def at_event_of_page(pdf, action):
    pdf.pages[0].obj.AA = Dictionary(O=pdf.make_indirect(action))


def at_link(pdf, action):
    link = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=[0, 0, 9, 9], A=action)
    pdf.pages[0].obj.Annots = Array([pdf.make_indirect(link)])


def after_another(pdf, action):
    at_file(pdf, Dictionary(S=Name.GoTo, D="a", Next=Array([pdf.make_indirect(action)])))


def faults(path, place, action):
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        place(pdf, Dictionary(**action))
        pdf.save(path)
    return {words for _, words in pdf_faults(path)} & {"runs a script", "starts a program"}


def test_a_chain_of_actions_that_ends_in_itself_is_read_to_an_end(tmp_path):
    def in_a_ring(pdf, action):
        ring = pdf.make_indirect(action)
        ring.Next = ring
        at_file(pdf, ring)

    assert faults(tmp_path / "a.pdf", in_a_ring, SCRIPT) == {"runs a script"}
    assert faults(tmp_path / "b.pdf", in_a_ring, WEB) == set()


@pytest.mark.parametrize(
    "place", [at_file, at_event_of_file, at_event_of_page, at_link, after_another]
)
def test_what_runs_is_seen_and_a_link_to_the_web_is_none(tmp_path, place):
    path = tmp_path / "a.pdf"
    assert faults(path, place, SCRIPT) == {"runs a script"}
    assert faults(path, place, LAUNCH) == {"starts a program"}
    assert faults(path, place, WEB) == set()
