"""Names are in the order people count, however they come and go."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from maclip_desktop.core import name_order
from maclip_desktop.core.name_order import NameOrder, natural_key


def order_of(*names: str) -> NameOrder:
    order = NameOrder()
    for row, name in enumerate(names):
        order.add(row, name)
    return order


def test_names_are_in_the_order_people_count() -> None:
    names = ["IMG_10.jpg", "img_9.jpg", "IMG_2b.jpg", "IMG_2.jpg", "a.jpg", "IMG_0010.jpg", "10.jpg", "9.jpg"]
    assert sorted(names, key=natural_key) == [
        "9.jpg", "10.jpg", "a.jpg", "IMG_2.jpg", "IMG_2b.jpg", "img_9.jpg", "IMG_10.jpg", "IMG_0010.jpg",
    ]  # fmt: skip


@given(number=st.integers(0, 10**30), other=st.integers(0, 10**30))
def test_numbers_in_names_compare_as_numbers(number: int, other: int) -> None:
    assert (natural_key(f"IMG_{number}.jpg") < natural_key(f"IMG_{other}.jpg")) == (number < other)


def test_numbers_in_the_digits_of_every_script_are_numbers() -> None:
    assert natural_key("IMG_\u0661\u0660.jpg") == natural_key("IMG_10.jpg")


def test_rows_stand_in_the_order_of_their_names() -> None:
    assert order_of("b10", "b9", "a").rows().tolist() == [2, 1, 0]
    assert order_of().rows().tolist() == []


def test_a_later_name_goes_to_its_place() -> None:
    order = order_of("b10", "b9", "a")
    order.rows()
    order.add(3, "b1")
    assert order.rows().tolist() == [2, 3, 1, 0]


def test_rows_of_one_name_stay_in_the_order_they_came() -> None:
    order = order_of("a", "b", "a")
    order.rows()
    order.add(3, "A")
    assert order.rows().tolist() == [0, 2, 3, 1]


def test_rows_that_go_leave_the_others_with_their_new_numbers() -> None:
    order = order_of("b10", "b9", "a")
    order.renumber(np.array([0, -1, 1]))
    assert order.rows().tolist() == [1, 0]
    order.add(2, "b")
    assert order.rows().tolist() == [1, 2, 0]


_steps = st.lists(st.one_of(st.text(max_size=8), st.integers(0, 20)), max_size=60)


@given(steps=_steps, merge_at=st.integers(1, 10))
def test_after_any_coming_and_going_the_order_is_the_one_python_makes(steps: list[str | int], merge_at: int) -> None:
    """A text comes as a new name, a number takes out that many of the oldest."""
    names: list[str] = []
    order = NameOrder()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(name_order, "MERGE_AT", merge_at)
        for step in steps:
            if isinstance(step, str):
                order.add(len(names), step)
                names.append(step)
            else:
                step = min(step, len(names))
                order.renumber(np.arange(len(names)) - step)
                names = names[step:]
    expected = sorted(range(len(names)), key=lambda row: natural_key(names[row]))
    assert order.rows().tolist() == expected
