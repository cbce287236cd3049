namespace SeverityEngine.Onnx.Passes.Quantization;

/// <summary>A node, or a few that become one, of the part of a network that is computed in integers.</summary>
/// <param name="Node">The node that names it.</param>
/// <param name="Input">What it reads; a concatenation reads all of its node's inputs.</param>
/// <param name="Output">The value that it makes.</param>
abstract record Step(OnnxNode Node, string Input, string Output);

/// <summary>
/// The first convolution, with the ReLU and the pooling behind it: it stays in floating point. Its filters look for faint edges beside the image's
/// brightness, which 8 bits would drown in noise, and on one channel the runtime has no faster kernel in integers.
/// </summary>
sealed record EntryStep(OnnxNode Node, string Output, bool Relu, OnnxNode? Pool) : Step(Node, Node.Inputs[0], Output);

/// <summary>A convolution, with the ReLU behind it.</summary>
sealed record ConvStep(OnnxNode Node, string Input, string Output, bool Relu) : Step(Node, Input, Output);

/// <summary>A ReLU with the normalization in front of it, if any, that no convolution can take up.</summary>
sealed record ThresholdStep(OnnxNode Node, string Input, string Output, ChannelMap? Map) : Step(Node, Input, Output);

sealed record MaxPoolStep(OnnxNode Node, string Input, string Output) : Step(Node, Input, Output);

sealed record AveragePoolStep(OnnxNode Node, string Input, string Output) : Step(Node, Input, Output);

sealed record ConcatStep(OnnxNode Node, string Output) : Step(Node, Node.Inputs[0], Output);

/// <summary>Where the network leaves the integers; what follows stays in floating point.</summary>
sealed record ExitStep(OnnxNode Node, string Output) : Step(Node, Output, Output);
