namespace SeverityEngine.Batch.Rows;

/// <summary>The models that made the rows of a file, of which there is to be one.</summary>
sealed class RowModels
{
    // By the hashes of their files.
    readonly Dictionary<string, string> _names = [];
    bool _hasUnknown;

    /// <summary>Adds that of a row.</summary>
    public void Add(RowKey key)
    {
        if (key.ModelSha256 is not null)
            _names.TryAdd(key.ModelSha256, key.Model ?? "");
        else
            _hasUnknown = true;
    }

    /// <summary>Refuses to add rows of one model to those of another.</summary>
    /// <param name="model">This run's.</param>
    /// <param name="file">The file of rows.</param>
    /// <exception cref="SeverityException"><see cref="SeverityError.InvalidArgument"/>.</exception>
    public void RequireOnly(ModelStamp model, string? file)
    {
        const string Remedy = "name another file, or give --model as before";
        if (_names.FirstOrDefault(m => m.Key != model.Sha256) is { Key: { } sha256, Value: var name })
        {
            throw new SeverityException(SeverityError.InvalidArgument,
                $"{file}: holds scores of the model {name} (SHA-256 {sha256[..Math.Min(12, sha256.Length)]}...), and this run's is "
                + $"{model.Name} ({model.Sha256[..12]}...); {Remedy}");
        }
        if (_hasUnknown)
            throw new SeverityException(
                SeverityError.InvalidArgument, $"{file}: holds rows that do not say which model made them; name another file");
    }
}
