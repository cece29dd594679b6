"""What the paper says: protocols of the data sets, and its figures.

Source: "Beyond Cosine Similarity: Magnitude-Aware CLIP for No-Reference Image Quality Assessment" (AAAI 2026), tables 1
to 6 and the text. Only figures on which the tables, the gains written beside them and the text agree are given; the
linear correlation on TID2013, and the L1 norm with fusion on CSIQ (the same digits as without), are left out for
doubt. On SPAQ the linear correlation is 0.775 in table 3 (given here) and 0.7775 in table 1. The paper does not say
whether its linear correlations are those after a logistic fit.
"""

MACLIP = "MA-CLIP"
Q_SIM = "q_sim alone"
Q_MAG = "q_mag alone"
L1_ALONE, L2_ALONE = "L1 alone", "L2 alone"
L1_FUSED, L2_FUSED = "L1 fused", "L2 fused"
FIXED_80, FIXED_50, FIXED_20 = "fixed 0.8/0.2", "fixed 0.5/0.5", "fixed 0.2/0.8"

CLIP_IQA = "CLIP-IQA"
"""The paper's name of `Q_SIM`."""

PROTOCOLS = {
    "livec": "native",
    "AGIQA-3k": "native",
    "AGIQA-1k": "resize224",
    "SPAQ": "resize448",
    "CSIQ": "native",
    "TID2013": "native",
    "kadid": "native",
    "koniq": "native",
    "PIPAL": "native",
}
"""Data set -> how the authors turned its photos into views."""

Published = tuple[float, float | None]
"""SRCC and PLCC, the latter None where it cannot be told."""

_FIGURES: dict[tuple[str, str], dict[str, Published]] = {
    ("livec", "RN50"): {
        MACLIP: (0.743, 0.768),
        Q_SIM: (0.702, 0.722),
        Q_MAG: (0.418, 0.503),
        L1_ALONE: (0.345, 0.369),
        L2_ALONE: (0.193, 0.304),
    },
    ("CSIQ", "RN50"): {
        MACLIP: (0.737, 0.783),
        Q_SIM: (0.681, 0.727),
        Q_MAG: (0.448, 0.460),
        L1_ALONE: (0.126, 0.152),
        L2_ALONE: (0.299, 0.386),
        L2_FUSED: (0.280, 0.398),
        FIXED_80: (0.736, 0.779),
        FIXED_50: (0.734, 0.779),
        FIXED_20: (0.700, 0.742),
    },
    ("koniq", "RN50"): {
        MACLIP: (0.765, 0.804),
        Q_SIM: (0.685, 0.712),
        Q_MAG: (0.557, 0.616),
        L1_ALONE: (0.495, 0.530),
        L2_ALONE: (0.350, 0.349),
    },
    ("SPAQ", "RN50"): {MACLIP: (0.773, 0.775), Q_SIM: (0.714, 0.718), Q_MAG: (0.578, 0.598)},
    ("TID2013", "RN50"): {MACLIP: (0.599, None), Q_SIM: (0.579, None)},
    ("kadid", "RN50"): {
        MACLIP: (0.525, 0.549),
        Q_SIM: (0.501, 0.520),
        L1_FUSED: (0.394, 0.397),
        L2_FUSED: (0.338, 0.345),
        FIXED_80: (0.523, 0.544),
        FIXED_50: (0.520, 0.545),
        FIXED_20: (0.445, 0.492),
    },
    ("PIPAL", "RN50"): {MACLIP: (0.371, 0.393), Q_SIM: (0.332, 0.339)},
    ("AGIQA-1k", "RN50"): {MACLIP: (0.528, 0.668), Q_SIM: (0.511, 0.644)},
    ("AGIQA-3k", "RN50"): {MACLIP: (0.706, 0.764), Q_SIM: (0.658, 0.716)},
    ("CSIQ", "RN101"): {MACLIP: (0.741, 0.764), Q_SIM: (0.715, 0.705)},
    ("koniq", "RN101"): {MACLIP: (0.727, 0.748), Q_SIM: (0.710, 0.730)},
    ("AGIQA-3k", "RN101"): {MACLIP: (0.667, 0.743), Q_SIM: (0.643, 0.697)},
    ("CSIQ", "ViT-B/32"): {MACLIP: (0.783, 0.810), Q_SIM: (0.763, 0.783)},
    ("koniq", "ViT-B/32"): {MACLIP: (0.760, 0.803), Q_SIM: (0.715, 0.743)},
    ("AGIQA-3k", "ViT-B/32"): {MACLIP: (0.694, 0.757), Q_SIM: (0.663, 0.710)},
    ("CSIQ", "ViT-L/14"): {MACLIP: (0.666, 0.680), Q_SIM: (0.622, 0.628)},
    ("koniq", "ViT-L/14"): {MACLIP: (0.717, 0.752), Q_SIM: (0.682, 0.709)},
    ("AGIQA-3k", "ViT-L/14"): {MACLIP: (0.717, 0.814), Q_SIM: (0.699, 0.788)},
}


def published(dataset: str | None, backbone: str) -> dict[str, Published]:
    """The paper's figures for *dataset* and *backbone* by the names above; empty where it gives none."""
    return dict(_FIGURES.get((dataset or "", backbone), {}))
