"""Models written by hand as LightGBM text: random structure, any decision type, unusual numbers."""
import numpy as np

import rows as row_makers

EDGE = row_makers.ZERO_EDGE
THRESHOLDS = np.array([0.0, -0.0, 1.0, -1.0, EDGE, -EDGE, np.nextafter(EDGE, 1), 1e-35, -1e-35, 1e-36, 5e-324, -5e-324, 1e300, -1e300, np.inf, -np.inf,
                       1.7976931348623157e308, np.nextafter(1, 2), np.nextafter(1, 0), 2.2250738585072014e-308])
LEAVES = np.array([0.0, -0.0, 5e-324, -5e-324, 1e300, -1e300, 1e-300, 1.0, -1.0, 3.25])
OBJECTIVES = ["regression", "regression sqrt", "regression_l1", "binary sigmoid:1", "binary sigmoid:0.3", "cross_entropy", "cross_entropy_lambda", "poisson", "tweedie",
              "gamma", "quantile", "huber", "fair", "mape", "lambdarank", "rank_xendcg", "multiclass", "multiclassova", ""]


def model(rng):
    """→ (model text, rows, what it is)"""
    pick = lambda *values: values[int(rng.integers(len(values)))]
    columns = int(pick(1, 2, 5, 20, 60, 400))
    objective = pick(*OBJECTIVES)
    classes = int(pick(2, 3, 7)) if objective.startswith("multiclass") else 1
    if objective == "multiclass":
        objective += f" num_class:{classes}"
    elif objective == "multiclassova":
        objective += f" num_class:{classes} sigmoid:{pick('1', '1.7')}"
    many = rng.random() < 0.06
    iterations = int(pick(1, 1, 2, 3, 10, 40)) if not many else 1
    style = dict(
        leaves=int(pick(1, 2, 3, 8, 31, 64, 65, 100, 256, 257, 300, 600)) if not many else int(pick(20_000, 70_000, 140_000)), vary=bool(rng.random() < 0.5),
        shape=pick("random", "random", "chain", "left-chain") if not many else "random", permuted=bool(rng.random() < 0.4), cat_columns=set(), linear=bool(rng.random() < 0.12) and not many,
        special=pick(0.0, 0.05, 0.5), few=pick(0, 0, 3), missing=pick((0,), (1,), (2,), (0, 1, 2), (0, 1, 2)), words=int(pick(1, 2, 40, 300)), zero_counts=bool(rng.random() < 0.04),
        extreme_leaves=pick(0.0, 0.0, 0.2), used=columns if rng.random() < 0.6 else max(1, columns // 3), digits=pick(lambda v: repr(float(v)), lambda v: f"{v:.17g}"),
    )
    if rng.random() < 0.5:
        style["cat_columns"] = set(rng.choice(columns, size=max(1, columns // 3), replace=False).tolist())
    trees = [tree(rng, index, columns, style) for index in range(iterations * classes)]
    average = bool(rng.random() < 0.1)
    text = "\n".join(
        ["tree", "version=v4", f"num_class={classes}", f"num_tree_per_iteration={classes}", "label_index=0", f"max_feature_idx={columns - 1}"]
        + ([f"objective={objective}"] if objective else []) + (["average_output"] if average else [])
        + ["feature_names=" + " ".join(f"Column_{k}" for k in range(columns)), "feature_infos=" + " ".join(["[-1:1]"] * columns),
           "tree_sizes=" + " ".join(str(len(t.encode())) for t in trees), "", ""]
    ) + "".join(trees) + "end of trees\n\nfeature_importances:\n\nparameters:\n" + ("[linear_tree: 1]\n" if style["linear"] else "") + "end of parameters\n\npandas_categorical:null\n"
    ordinary = row_makers.plain(rng, 60, columns, nan=pick(0.0, 0.1), zero=0.1)
    for column in style["cat_columns"]:
        ordinary[:, column] = np.floor(rng.random(60) * style["words"] * 34)
    x = np.vstack([ordinary, row_makers.hostile(rng, ordinary, text, 140, style["cat_columns"])])
    about = {key: value for key, value in style.items() if key != "digits"} | dict(objective=objective, columns=columns, iterations=iterations, average=average, cat_columns=sorted(style["cat_columns"]))
    if rng.random() < 0.3:
        about["early_stop"] = dict(pred_early_stop=True, pred_early_stop_freq=int(pick(1, 2, 5)), pred_early_stop_margin=float(pick(0.1, 1.5, 10.0)))
    return text, x, about


def tree(rng, index, columns, style):
    leaves = int(rng.integers(1, style["leaves"] + 1)) if style["vary"] else style["leaves"]
    leaf_value = leaf_values(rng, leaves, style)
    number = style["digits"]
    lines = [f"Tree={index}", f"num_leaves={leaves}"]
    if leaves == 1:
        lines += ["num_cat=0", "split_feature=", "split_gain=", "threshold=", "decision_type=", "left_child=", "right_child=", "leaf_value=" + number(leaf_value[0]),
                  "leaf_weight=", "leaf_count=500", "internal_value=", "internal_weight=", "internal_count=", "is_linear=0", "shrinkage=1", "", ""]
        return "\n".join(lines) + "\n"
    left, right = structure(rng, leaves, style)
    feature = rng.integers(0, style["used"], leaves - 1)
    few = rng.normal(size=style["few"]) if style["few"] else None
    threshold, decision, boundaries, words = [], [], [0], []
    for node in range(leaves - 1):
        if int(feature[node]) in style["cat_columns"]:
            n_words = int(rng.integers(1, style["words"] + 1)) if rng.random() > 0.02 else 0
            bits = rng.integers(0, 2**32, n_words)
            if rng.random() < 0.5:
                bits &= rng.integers(0, 2**32, n_words) & rng.integers(0, 2**32, n_words)
            threshold.append(str(len(boundaries) - 1))
            words += bits.tolist()
            boundaries.append(len(words))
            decision.append(1 | int(rng.choice([0, 2])) | int(rng.choice(style["missing"])) << 2)
        else:
            value = rng.choice(THRESHOLDS) if rng.random() < style["special"] else rng.choice(few) if few is not None else rng.normal() * np.exp(rng.normal())
            threshold.append(number(float(value)))
            decision.append(int(rng.choice([0, 2])) | int(rng.choice(style["missing"])) << 2)
    leaf_count = rng.integers(1, 200, leaves)
    if style["zero_counts"]:
        leaf_count[rng.random(leaves) < 0.3] = 0
    internal_count, internal_value = totals(left, right, leaf_count, leaf_value)
    text = lambda values: " ".join(str(v) for v in values)
    lines += [
        f"num_cat={len(boundaries) - 1}", "split_feature=" + text(feature), "split_gain=" + text(["1"] * (leaves - 1)), "threshold=" + text(threshold),
        "decision_type=" + text(decision), "left_child=" + text(left), "right_child=" + text(right), "leaf_value=" + " ".join(number(float(v)) for v in leaf_value),
        "leaf_weight=" + text(leaf_count), "leaf_count=" + text(leaf_count), "internal_value=" + " ".join(f"{v:g}" for v in internal_value),
        "internal_weight=" + text(internal_count), "internal_count=" + text(internal_count),
    ]
    if len(boundaries) > 1:
        lines += ["cat_boundaries=" + text(boundaries), "cat_threshold=" + text(words)]
    lines += linear(rng, leaves, columns, number, style) if style["linear"] else ["is_linear=0"]
    return "\n".join(lines + ["shrinkage=1", "", ""]) + "\n"


def leaf_values(rng, leaves, style):
    value = rng.normal(size=leaves) * np.exp(rng.normal() * 2)
    extreme = rng.random(leaves) < style["extreme_leaves"]
    value[extreme] = rng.choice(LEAVES, int(extreme.sum()))
    return value


def structure(rng, leaves, style):
    """Children of each internal node; a leaf is ~leaf. Node 0 is the root."""
    left, right, open_leaves = np.zeros(leaves - 1, dtype=int), np.zeros(leaves - 1, dtype=int), [(-1, 0)]
    next_leaf = 1
    open_leaves = [(None, None, 0)]
    for node in range(leaves - 1):
        at = len(open_leaves) - 1 if style["shape"] == "chain" else 0 if style["shape"] == "left-chain" else int(rng.integers(len(open_leaves)))
        parent, side, leaf = open_leaves[at]
        if parent is not None:
            (left if side == 0 else right)[parent] = node
        left[node], right[node] = ~leaf, ~next_leaf
        open_leaves[at] = (node, 0, leaf)
        open_leaves.append((node, 1, next_leaf))
        next_leaf += 1
    if style["permuted"]:
        new_leaf, new_node = rng.permutation(leaves), np.concatenate([[0], 1 + rng.permutation(leaves - 2)]).astype(int)
        renamed = lambda child: np.where(child < 0, ~new_leaf[np.where(child < 0, ~child, 0)], new_node[np.where(child < 0, 0, child)])
        moved_left, moved_right = np.zeros_like(left), np.zeros_like(right)
        moved_left[new_node], moved_right[new_node] = renamed(left), renamed(right)
        left, right = moved_left, moved_right
    return left, right


def totals(left, right, leaf_count, leaf_value):
    nodes = len(left)
    count, weighted, order, stack = np.zeros(nodes, dtype=np.int64), np.zeros(nodes), [], [0]
    while stack:
        node = stack.pop()
        order.append(node)
        stack += [int(child) for child in (left[node], right[node]) if child >= 0]
    for node in reversed(order):
        for child in (left[node], right[node]):
            c, w = (count[child], weighted[child]) if child >= 0 else (leaf_count[~child], leaf_value[~child] * leaf_count[~child])
            count[node] += c
            weighted[node] += w
    return count, weighted / np.maximum(count, 1)


def linear(rng, leaves, columns, number, style):
    numeric = [c for c in range(columns) if c not in style["cat_columns"]]
    n_features = [int(rng.integers(0, min(4, len(numeric)) + 1)) for _ in range(leaves)]
    features = [rng.choice(numeric, size=n, replace=False).tolist() if n else [] for n in n_features]
    per_leaf = lambda values: "".join(" ".join(v) + " " * (2 if v else 1) for v in values)
    return [
        "is_linear=1", "leaf_const=" + " ".join(number(float(v)) for v in rng.normal(size=leaves)), "num_features=" + " ".join(map(str, n_features)),
        "leaf_features=" + per_leaf([[str(f) for f in fs] for fs in features]),
        "leaf_coeff=" + per_leaf([[number(float(v)) for v in rng.normal(size=n)] for n in n_features]),
    ]
