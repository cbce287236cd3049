using System.Globalization;
using SeverityEngine.Dicom.Writing;
using SeverityEngine.IO;

namespace SeverityEngine.Dicom.Network;

/// <summary>
/// A folder of received objects, each in a file named after its SOP Instance UID. A data set goes straight into a temporary file, which the
/// disk has before it gets its name; the folder is synchronized before the sender is answered. What is there already is not replaced: the
/// same bytes again are answered as stored, and other bytes under the same UID are kept beside, with a number.
/// </summary>
/// <param name="folder">The folder, which is there.</param>
/// <param name="mostBytes">The largest file that is taken.</param>
sealed class ReceivedFolder(string folder, long mostBytes) : IInstanceStore
{
    /// <summary>What names of received objects end in.</summary>
    public const string Suffix = ".dcm";

    /// <summary>What names of those end in that were found to be results of this program, and are kept beside the X-rays.</summary>
    public const string ResultSuffix = ".result.dcm";

    /// <summary>How many different objects one UID may stand for.</summary>
    const int MostVersions = 100;

    /// <summary>
    /// What made the files, as their meta headers say it: another UID than that of results, by which those are known. It never changes, or
    /// an object that is sent again would not be known by its bytes.
    /// </summary>
    const string Implementation = "2.25.21542287283761677686141799496298412485";

    readonly Lock _naming = new();

    /// <summary>Says why no further object can be taken; null where one can.</summary>
    public Func<string?> Refuse { get; init; } = () => null;

    /// <summary>Told of each object that the disk has: the file's name in the folder, who sent it, and whether it is new.</summary>
    public required Action<string, string, bool> Stored { get; init; }

    /// <summary>Whether a file of the folder is a received object that is to be scored.</summary>
    public static bool IsReceived(string name) =>
        name.EndsWith(Suffix, StringComparison.Ordinal) && !name.EndsWith(ResultSuffix, StringComparison.Ordinal) && name[0] != '.';

    /// <summary>The name that a file gets when it was found to be a result of this program.</summary>
    public static string ResultName(string name) => name[..^Suffix.Length] + ResultSuffix;

    public IInstanceSink Begin(ReceivedInstance instance)
    {
        if (Refuse() is { } reason)
            throw new StoreRefusal(DimseStatus.OutOfResources, reason);
        return new Sink(this, instance);
    }

    /// <summary>The start of a file: a preamble, and the meta header (PS3.10, 7.1).</summary>
    static byte[] Head(ReceivedInstance instance)
    {
        byte[] meta = new DataSet()
            .Bytes(ResultTags.MetaVersion, "OB", new byte[] { 0, 1 })
            .Text(ResultTags.MediaSopClass, "UI", instance.SopClass)
            .Text(ResultTags.MediaSopInstance, "UI", instance.SopInstance)
            .Text(ResultTags.TransferSyntax, "UI", instance.TransferSyntax)
            .Text(ResultTags.ImplementationClass, "UI", Implementation)
            .Encode();
        byte[] length = new DataSet().Long(ResultTags.MetaLength, meta.Length).Encode();
        return [.. new byte[ResultObject.PreambleBytes], .. ResultObject.Mark, .. length, .. meta];
    }

    static string NameOf(string uid, int version) =>
        version == 1 ? uid + Suffix : string.Create(CultureInfo.InvariantCulture, $"{uid}-{version}{Suffix}");

    sealed class Sink : IInstanceSink
    {
        readonly ReceivedFolder _to;
        readonly ReceivedInstance _instance;
        readonly AtomicFile _file;
        long _length;

        public Sink(ReceivedFolder to, ReceivedInstance instance)
        {
            _to = to;
            _instance = instance;
            _file = Guarded(() => AtomicFile.CreateOwn(Path.Combine(to._folder, NameOf(instance.SopInstance, 1))));
            try
            {
                Write(Head(instance));
            }
            catch
            {
                _file.Dispose();
                throw;
            }
        }

        public void Write(ReadOnlySpan<byte> bytes)
        {
            _length += bytes.Length;
            if (_length > _to._mostBytes)
            {
                throw new StoreRefusal(DimseStatus.OutOfResources,
                    $"an object of more than {Amount.Bytes(_to._mostBytes)}; raise the limit (--max-file-size) if it is an X-ray");
            }
            try
            {
                _file.Write(bytes);
            }
            catch (SeverityException e)
            {
                throw Failed(e);
            }
        }

        public void Complete()
        {
            (string Name, bool IsNew) stored = Guarded(() =>
            {
                _file.FlushToDisk();
                lock (_to._naming)
                {
                    (string Name, bool IsNew) place = Place();
                    if (place.IsNew)
                        _file.CommitAs(Path.Combine(_to._folder, place.Name)).Dispose();
                    // A file that was there may have been named a moment ago, before a power failure or by another association.
                    Disk.FlushFolder(_to._folder);
                    return place;
                }
            });
            _to.Stored(stored.Name, _instance.Sender, stored.IsNew);
        }

        public void Dispose() => _file.Dispose();

        /// <summary>The name of the file that holds these bytes already, or of a new one.</summary>
        (string Name, bool IsNew) Place()
        {
            for (int version = 1; version <= MostVersions; version++)
            {
                string name = NameOf(_instance.SopInstance, version);
                bool isTaken = false;
                foreach (string candidate in (string[])[name, ResultName(name)])
                {
                    string path = Path.Combine(_to._folder, candidate);
                    if (!Path.Exists(path))
                        continue;
                    isTaken = true;
                    if (_file.HasContentOf(path))
                        return (candidate, false);
                }
                if (!isTaken)
                    return (name, true);
            }
            throw new StoreRefusal(DimseStatus.OutOfResources, $"{MostVersions} different objects have one SOP Instance UID already");
        }

        static T Guarded<T>(Func<T> act)
        {
            try
            {
                return act();
            }
            catch (Exception e) when (e is SeverityException || FileFaults.IsFault(e))
            {
                throw Failed(e);
            }
        }

        static StoreRefusal Failed(Exception e) =>
            new(DimseStatus.OutOfResources, e is SeverityException ? e.Message : $"the disk did not take it: {FileFaults.Reason(e)}", e);
    }

    readonly string _folder = folder;
    readonly long _mostBytes = mostBytes;
}
