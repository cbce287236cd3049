using SeverityEngine.Models.Checkpoints;
using SeverityEngine.Models.Checkpoints.Networks;

namespace SeverityEngine.Models.Tests.Checkpoints.Networks;

/// <summary>Parameters for DenseNet-121 that come from no file.</summary>
static class States
{
    /// <summary>
    /// Numbers that any language computes alike (32-bit integer arithmetic), of a size that keeps the network's values near 1 to 100.
    /// </summary>
    public static Dictionary<string, CheckpointTensor> Numbered()
    {
        Dictionary<string, CheckpointTensor> state = [];
        uint seed = 0;
        foreach (ParameterShape parameter in DenseNet121.Needed(18))
        {
            float[] values = Numbers(parameter.Shape.Aggregate(1, (product, d) => product * d), seed++);
            foreach (ref float value in values.AsSpan())
            {
                value = parameter switch
                {
                    { Name: string name } when name.EndsWith("running_var", StringComparison.Ordinal) => MathF.Abs(value) + 0.5f,
                    { Shape: [_, < 512, 1, 1] } => value * 0.125f,
                    { Shape: [_, _, _, _] } or { Name: "classifier.weight" } => value * 0.0625f,
                    { Name: string name } when name.Contains("norm", StringComparison.Ordinal)
                    && name.EndsWith("weight", StringComparison.Ordinal) => value + 0.75f,
                    _ => value,
                };
            }
            state.Add(parameter.Name, new CheckpointTensor(parameter.Name, parameter.Shape, values));
        }
        return state;
    }

    /// <summary>Numbers between -1 and 1, exact in float32.</summary>
    public static float[] Numbers(int count, uint seed)
    {
        float[] numbers = new float[count];
        for (int i = 0; i < count; i++)
        {
            uint hash = ((uint)i + 1) * 2654435761u + seed * 2246822519u;
            hash ^= hash >> 15;
            hash *= 2654435769u;
            hash ^= hash >> 13;
            numbers[i] = (float)((double)(hash >> 8) / (1 << 23) - 1);
        }
        return numbers;
    }
}
