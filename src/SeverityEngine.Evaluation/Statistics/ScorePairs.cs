using System.Numerics.Tensors;

namespace SeverityEngine.Evaluation.Statistics;

/// <summary>What must hold of truth and prediction before anything is computed of them.</summary>
static class ScorePairs
{
    public static void Require(ReadOnlySpan<double> truth, ReadOnlySpan<double> prediction)
    {
        if (truth.Length != prediction.Length)
        {
            throw new SeverityException(SeverityError.InvalidArgument,
                $"there are {truth.Length} readers' scores and {prediction.Length} predictions; give both for each image");
        }
        // Of no scores, none is finite.
        if (truth.Length > 0 && !(TensorPrimitives.IsFiniteAll(truth) && TensorPrimitives.IsFiniteAll(prediction)))
            throw new SeverityException(SeverityError.InvalidArgument, "a score is not finite; leave such images out");
    }
}
