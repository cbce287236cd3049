namespace SeverityEngine.Batch.Inputs;

/// <summary>An image in an archive, named <c>archive.zip/folder/image.png</c>; it is read from the archive's stream, never unpacked.</summary>
/// <param name="archive">The archive's path.</param>
/// <param name="member">The member's name inside it.</param>
/// <param name="open">Opens the member's content; called once, while the archive stands at it.</param>
/// <param name="crc32">The checksum that the archive holds of the content, where it does.</param>
sealed class MemberInput(string archive, string member, Func<Stream> open, uint? crc32 = null) : InputItem($"{archive}/{member}")
{
    public override bool ReadAtOnce => true;

    public override ImageFile Read()
    {
        ImageFile? file = null;
        try
        {
            using Stream content = open();
            // The limit holds for what comes out, whatever size the archive claims.
            file = ImageFile.Read(content, Name);
            if (crc32 is { } expected && System.IO.Hashing.Crc32.HashToUInt32(file.Bytes) != expected)
                throw Damaged("its content does not match its checksum");
            ImageFile read = file;
            file = null;
            return read;
        }
        catch (Exception e) when (ArchiveFaults.IsFault(e))
        {
            throw Damaged(e.Message, e);
        }
        finally
        {
            file?.Dispose();
        }
    }

    SeverityException Damaged(string fault, Exception? cause = null) =>
        new(SeverityError.FileUnreadable, $"{Name}: the archive is damaged here: {fault.TrimEnd('.')}; copy or pack it again", cause);
}
