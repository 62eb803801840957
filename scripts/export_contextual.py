"""The weights of the contextual model, a BERT of the transformers library, as one ONNX file with 8 bits a weight.

usage: python scripts/export_contextual.py CHECKPOINT [--out kb/encoders/contextual]     (needs onnx, which asking and building do not)

CHECKPOINT holds config.json, model.safetensors, tokenizer.json and contextual.json, the settings that kb.encoders.transformer reads; the
hash of the weights is added to them. The graph takes ``ids`` (texts, pieces), padded, and gives ``query`` and ``passage`` (texts,
dimension): the mean of the pieces that are no padding, unit length, and where projection.safetensors has weights and biases of query and
passage, that times the weights plus the bias, unit length again. Matrices have one scale a column; what a layer takes in is rounded to 8 bits when it is run
(DynamicQuantizeMatMul). Matrices that are 4-bit codes in blocks of 32 lie so in packed.npz, two codes a byte, beside the step of each
block as a multiple of the scale of its column; ``kb.encoders.transformer`` unpacks them.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import onnx
import typer
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import load_file

OUT = Path(__file__).parent.parent / "kb/encoders/contextual"
_BLOCK = 32  # values with one step, where a checkpoint was kept in 4 bits
_FUSED = "com.microsoft"  # operators of onnxruntime

_Array = NDArray[Any]


class Graph:
    """The nodes and constants of a graph that is being written."""

    def __init__(self, weights: dict[str, _Array]) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self.packed: dict[str, _Array] = {}  # what goes into packed.npz
        self._weights = weights

    def constant(self, array: _Array) -> str:
        """The name of a constant."""
        name = f"constant{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def weight(self, name: str) -> str:
        """The name of a constant with that weight of the checkpoint."""
        return self.constant(self._weights[name])

    def apply(self, operator: str, *inputs: str, domain: str = "", **attributes: Any) -> str:
        """The name of the output of an operator."""
        name = f"value{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [name], domain=domain, **attributes))
        return name

    def half(self, name: str) -> str:
        """The same, in half precision in the file."""
        return self.apply("Cast", self.constant(self._weights[name].astype(np.float16)), to=TensorProto.FLOAT)

    def linear(self, value: str, layer: str) -> str:
        """The output of a linear layer of the checkpoint."""
        rows = self._weights[f"{layer}.weight"]
        codes, scales = quantised(rows)
        found = in_blocks(rows)
        matrix = self.constant(codes.T) if found is None else self.declared(layer, codes.T.shape)
        if found is not None:
            self.packed[layer] = found[0]
            self.packed[f"{layer}.steps"] = (found[1] / scales[:, np.newaxis, np.newaxis]).astype(np.float16)
        inputs = value, matrix, self.constant(scales), "", self.weight(f"{layer}.bias")
        return self.apply("DynamicQuantizeMatMul", *inputs, domain=_FUSED)

    def declared(self, name: str, shape: tuple[int, ...]) -> str:
        """The name of a constant of int8 that whoever loads the model has to give."""
        tensor = onnx.TensorProto(name=name, data_type=TensorProto.INT8, dims=shape)
        tensor.external_data.add(key="location", value="packed.npz")
        tensor.data_location = TensorProto.EXTERNAL
        self.constants.append(tensor)
        return name

    def unpacked(self, packed: str, steps: str) -> str:
        """The values of blocks, (…, blocks, 32), of two codes a byte, (…, blocks, 16), and the step of each, (…, blocks, 1)."""
        low = self.apply("BitwiseAnd", packed, self.constant(np.array(15, np.uint8)))
        high = self.apply("BitShift", packed, self.constant(np.array(4, np.uint8)), direction="RIGHT")
        codes = self.apply("Cast", self.apply("Concat", low, high, axis=-1), to=TensorProto.FLOAT)
        signed = self.apply("Sub", codes, self.constant(np.array(8, np.float32)))
        return self.apply("Mul", signed, self.apply("Cast", steps, to=TensorProto.FLOAT))

    def normalised(self, value: str, added: str, layer: str, epsilon: float) -> str:
        """The layer normalisation of a sum."""
        weights = self.weight(f"{layer}.weight"), self.weight(f"{layer}.bias")
        return self.apply(
            "LayerNormalization", self.apply("Add", value, added), *weights, axis=-1, epsilon=epsilon
        )  # SkipLayerNormalization, which does both, takes ten times as long


def quantised(rows: _Array) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """The rows as int8, and the scale of each."""
    scales = np.abs(rows).max(axis=1) / 127
    scales[scales == 0] = 1
    return np.rint(rows / scales[:, np.newaxis]).astype(np.int8), scales.astype(np.float32)


def in_blocks(rows: _Array) -> tuple[NDArray[np.uint8], NDArray[np.float32]] | None:
    """The rows in blocks of 32 as two codes of 4 bits a byte and the step of each block; None when their values are no such codes."""
    blocks = rows.reshape(len(rows), -1, _BLOCK)
    most = np.take_along_axis(blocks, np.abs(blocks).argmax(axis=2)[..., np.newaxis], axis=2)
    steps = (most / -8).astype(np.float32)  # the largest value of a block has the code -8
    codes = np.rint(blocks / np.where(steps == 0, 1, steps))
    if np.abs(codes * steps - blocks).max() > 1e-3 * np.abs(most).mean() or codes.max() > 7:
        return None
    nibbles = (codes + 8).astype(np.uint8)
    return nibbles[..., : _BLOCK // 2] | nibbles[..., _BLOCK // 2 :] << 4, steps


def embedded(graph: Graph, weights: dict[str, _Array], epsilon: float) -> str:
    """The pieces with their positions; all texts are of the first type."""
    rows = weights["embeddings.word_embeddings.weight"]
    if (found := in_blocks(rows)) is not None:
        packed, steps = (
            graph.apply("Gather", graph.constant(one), "ids") for one in (found[0], found[1].astype(np.float16))
        )
        words = graph.apply("Reshape", graph.unpacked(packed, steps), graph.constant(np.array([0, 0, -1])))
    else:
        codes, scales = quantised(rows)
        gathered = graph.apply("Cast", graph.apply("Gather", graph.constant(codes), "ids"), to=TensorProto.FLOAT)
        words = graph.apply("Mul", gathered, graph.apply("Gather", graph.constant(scales[:, np.newaxis]), "ids"))
    length = graph.apply("Slice", graph.apply("Shape", "ids"), *map(graph.constant, np.array([[1], [2]])))
    positions = weights["embeddings.position_embeddings.weight"] + weights["embeddings.token_type_embeddings.weight"][0]
    first = graph.constant(np.array([0]))
    own = graph.apply("Slice", graph.constant(positions), first, length, first)
    value = graph.apply("Add", words, own)
    norm = graph.weight("embeddings.LayerNorm.weight"), graph.weight("embeddings.LayerNorm.bias")
    return graph.apply("LayerNormalization", value, *norm, axis=-1, epsilon=epsilon)


def exported(weights: dict[str, _Array], config: dict[str, Any]) -> tuple[onnx.ModelProto, dict[str, _Array]]:
    """The model of a checkpoint, and its packed matrices."""
    graph, epsilon = Graph(weights), config["layer_norm_eps"]
    value = embedded(graph, weights, epsilon)
    padding = graph.apply("Equal", "ids", graph.constant(np.array(config["pad_token_id"], np.int32)))
    mask = graph.apply("Cast", graph.apply("Not", padding), to=TensorProto.INT32)
    for number in range(config["num_hidden_layers"]):
        layer = f"encoder.layer.{number}"
        three = [graph.linear(value, f"{layer}.attention.self.{one}") for one in ("query", "key", "value")]
        heads = config["num_attention_heads"]
        attended = graph.apply("MultiHeadAttention", *three, "", mask, domain=_FUSED, num_heads=heads)
        attended = graph.linear(attended, f"{layer}.attention.output.dense")
        value = graph.normalised(attended, value, f"{layer}.attention.output.LayerNorm", epsilon)
        wide = graph.apply("Gelu", graph.linear(value, f"{layer}.intermediate.dense"), domain=_FUSED)
        value = graph.normalised(
            graph.linear(wide, f"{layer}.output.dense"), value, f"{layer}.output.LayerNorm", epsilon
        )
    counted = graph.apply("Unsqueeze", graph.apply("Cast", mask, to=TensorProto.FLOAT), graph.constant(np.array([-1])))
    total = graph.apply("ReduceSum", graph.apply("Mul", value, counted), graph.constant(np.array([1])), keepdims=0)
    taken = helper.make_tensor_value_info("ids", TensorProto.INT32, ["texts", "pieces"])
    given = []
    unit = graph.apply("LpNormalization", total, axis=-1, p=2)
    for output in ("query", "passage"):
        last = unit
        if f"{output}.weight" in weights:
            turned = graph.apply("MatMul", unit, graph.half(f"{output}.weight"))
            last = graph.apply(
                "LpNormalization", graph.apply("Add", turned, graph.weight(f"{output}.bias")), axis=-1, p=2
            )
        graph.nodes.append(helper.make_node("Identity", [last], [output]))
        given.append(helper.make_tensor_value_info(output, TensorProto.FLOAT, ["texts", config["hidden_size"]]))
    made = helper.make_graph(graph.nodes, "contextual", [taken], given, graph.constants)
    versions = [helper.make_opsetid("", 18), helper.make_opsetid(_FUSED, 1)]
    return helper.make_model(made, opset_imports=versions, ir_version=10), graph.packed


def export(checkpoint: Path, out: Annotated[Path, typer.Option(help="folder of the model")] = OUT) -> None:
    """Write the model of a checkpoint into a folder."""
    out.mkdir(parents=True, exist_ok=True)
    config = json.loads((checkpoint / "config.json").read_text("utf-8"))
    weights = load_file(checkpoint / "model.safetensors")
    if (projection := checkpoint / "projection.safetensors").exists():
        weights |= load_file(projection)
    model, packed = exported(weights, config)
    (out / "model.onnx").write_bytes(model.SerializeToString())
    np.savez(out / "packed.npz", **packed)
    shutil.copyfile(checkpoint / "tokenizer.json", out / "tokenizer.json")
    files = ("model.onnx", "packed.npz", "tokenizer.json")
    digest = hashlib.sha256(b"".join((out / name).read_bytes() for name in files)).hexdigest()
    settings = json.loads((checkpoint / "contextual.json").read_text("utf-8"))
    written = json.dumps(settings | {"weights_sha256": digest}, ensure_ascii=False, indent=2)
    (out / "contextual.json").write_text(f"{written}\n", "utf-8")


if __name__ == "__main__":
    typer.run(export)
