namespace SeverityEngine.Models.Checkpoints.Pickle;

/// <summary>Reads a file into one array of just its length.</summary>
static class WholeFile
{
    public static byte[] Read(string path, PickleLimits limits)
    {
        ArgumentNullException.ThrowIfNull(path);
        try
        {
            using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
            long length = stream.Length;
            if (length > Math.Min(limits.MaxFileBytes, Array.MaxLength))
                throw TooLarge(path, limits);
            if (length == 0)
                throw new SeverityException(SeverityError.FileEmpty, $"{path}: the file is empty; copy or download it again");
            byte[] bytes = GC.AllocateUninitializedArray<byte>((int)length);
            stream.ReadExactly(bytes);
            return bytes;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new SeverityException(SeverityError.FileNotFound, $"{path}: no such file; check the path", e);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException or ArgumentException or NotSupportedException)
        {
            string fault = Directory.Exists(path) ? "is a folder, not a file; name the weights file in it" : $"cannot be read: {e.Message}";
            throw new SeverityException(SeverityError.FileUnreadable, $"{path}: {fault}", e);
        }
        catch (OutOfMemoryException e)
        {
            throw new SeverityException(SeverityError.OutOfMemory, $"{path}: no memory for the file's bytes; free some and try again", e);
        }
    }

    public static SeverityException TooLarge(string name, PickleLimits limits) =>
        new(SeverityError.FileTooLarge,
            $"{name}: the file is larger than {Math.Min(limits.MaxFileBytes, Array.MaxLength)} bytes; "
            + $"raise {nameof(PickleLimits)}.{nameof(PickleLimits.MaxFileBytes)} if it is below 2 GiB and to be trusted");
}
