"""The settings of MA-CLIP and the name they give to scores."""

import math
from dataclasses import replace
from typing import Any

import pytest

from maclip_desktop.errors import UsageError
from maclip_desktop.scoring.parameters import MaclipParameters, Protocol

SHA = "0123456789abcdef" * 4


def test_the_defaults_are_those_of_the_paper_and_of_phone_photographs() -> None:
    parameters = MaclipParameters()
    assert (parameters.backbone, parameters.protocol) == ("RN50", Protocol.RESIZE448)
    assert (parameters.box_lambda, parameters.base_cos, parameters.base_norm, parameters.alpha) == (0.5, 1.0, 0.6, 1.0)


def test_the_model_id_names_weights_backbone_protocol_and_parameters() -> None:
    assert MaclipParameters().model_id(SHA) == "maclip-1:RN50:0123456789ab:resize448:l0.5:c1.0:n0.6:a1.0"


def test_the_model_id_names_a_precision_that_changes_scores() -> None:
    assert MaclipParameters().model_id(SHA, "bfloat16") == MaclipParameters().model_id(SHA) + ":bfloat16"


@pytest.mark.parametrize(
    "change",
    [
        {"backbone": "ViT-B/32"},
        {"protocol": Protocol.NATIVE},
        {"box_lambda": 0.0},
        {"base_cos": 1.0000001},
        {"base_norm": 0.5},
        {"alpha": -1.0},
    ],
)
def test_every_setting_changes_the_model_id(change: dict[str, Any]) -> None:
    assert replace(MaclipParameters(), **change).model_id(SHA) != MaclipParameters().model_id(SHA)


def test_whole_numbers_and_protocol_names_mean_the_same_model() -> None:
    written: dict[str, Any] = {"protocol": "resize448", "base_cos": 1, "alpha": 1}
    assert MaclipParameters(**written).model_id(SHA) == MaclipParameters().model_id(SHA)
    assert MaclipParameters(fixed_w_sim=1).model_id(SHA) == MaclipParameters(fixed_w_sim=1.0).model_id(SHA)


def test_there_is_one_zero() -> None:
    assert MaclipParameters(alpha=-0.0, box_lambda=-0.0).model_id(SHA) == (
        MaclipParameters(alpha=0.0, box_lambda=0.0).model_id(SHA)
    )


@pytest.mark.parametrize("name", ["box_lambda", "base_cos", "base_norm", "alpha"])
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_numbers_that_are_not_finite_are_refused(name: str, value: float) -> None:
    settings: dict[str, Any] = {name: value}
    with pytest.raises(UsageError, match=f"parameter {name.replace('_', '-')} must be a finite number"):
        MaclipParameters(**settings)


@pytest.mark.parametrize("name", ["box_lambda", "base_cos", "base_norm", "alpha", "fixed_w_sim"])
@pytest.mark.parametrize("value", ["much", [], 10**400])
def test_what_is_no_number_is_refused(name: str, value: object) -> None:
    settings: dict[str, Any] = {name: value}
    with pytest.raises(UsageError, match="must be a finite number"):
        MaclipParameters(**settings)


@pytest.mark.parametrize("name", ["base_cos", "base_norm", "alpha"])
def test_trust_beyond_float32_is_refused(name: str) -> None:
    settings: dict[str, Any] = {name: -1e39}
    with pytest.raises(UsageError, match=r"between -1000000 and 1000000, not -1e\+39"):
        MaclipParameters(**settings)


def test_a_power_beyond_float32_is_refused() -> None:
    with pytest.raises(UsageError, match="between -10 and 10"):
        MaclipParameters(box_lambda=11)


def test_an_unknown_backbone_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UsageError, match=r"no backbone 'RN51'.*RN50, RN101, RN50x4, ViT-B/32, ViT-B/16, ViT-L/14"):
        MaclipParameters(backbone="RN51")


def test_an_unknown_protocol_is_refused_with_the_known_ones() -> None:
    settings: dict[str, Any] = {"protocol": "resize512"}
    with pytest.raises(UsageError, match=r"no protocol 'resize512'.*resize448, native, resize224"):
        MaclipParameters(**settings)
