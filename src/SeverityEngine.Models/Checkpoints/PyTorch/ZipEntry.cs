namespace SeverityEngine.Models.Checkpoints.PyTorch;

/// <summary>An entry of a zip archive as its directory describes it.</summary>
/// <param name="Name">Its path.</param>
/// <param name="Flags">The general purpose bits.</param>
/// <param name="Method">0 where it is stored as it is, 8 where deflated.</param>
/// <param name="Crc">The CRC-32 of its content; 0 where the writer left it out.</param>
/// <param name="StoredSize">Its bytes in the archive.</param>
/// <param name="Size">Its bytes when unpacked.</param>
/// <param name="HeaderOffset">Where its local header stands.</param>
readonly record struct ZipEntry(string Name, ushort Flags, ushort Method, uint Crc, ulong StoredSize, ulong Size, ulong HeaderOffset);
