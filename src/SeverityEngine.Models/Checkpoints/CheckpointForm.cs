namespace SeverityEngine.Models.Checkpoints;

/// <summary>The forms of PyTorch weights files.</summary>
public enum CheckpointForm
{
    /// <summary>A whole <c>torch.nn.Module</c> in the format before PyTorch 1.6.</summary>
    LegacyModule,

    /// <summary>A state dict in the format before PyTorch 1.6.</summary>
    LegacyStateDict,

    /// <summary>A whole <c>torch.nn.Module</c> in a zip archive.</summary>
    ZipModule,

    /// <summary>A state dict in a zip archive.</summary>
    ZipStateDict,
}
