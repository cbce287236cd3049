using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;
using SeverityEngine.IO;

namespace SeverityEngine;

/// <summary>
/// SHA-256 (FIPS 180-4), which names images and models by their content. On Linux .NET takes it from OpenSSL, a library that a device
/// with this one file may lack and that takes longer to load than an X-ray to hash; so it is computed here, until there is much to hash and
/// a program has allowed the library.
/// </summary>
public static class ContentHash
{
    const int BlockBytes = 64;

    /// <summary>
    /// What is hashed in the time that OpenSSL takes to load: 3 ms, of which it would save most on processors with instructions for SHA.
    /// </summary>
    const long WorthTheLibrary = 1 << 20;

    static long s_hashed;

    // The first 32 bits of the fractional parts of the cube roots of the first 64 primes (FIPS 180-4, 4.2.2).
    static ReadOnlySpan<uint> RoundConstants =>
    [
        0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
        0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
        0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
        0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
        0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
        0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
        0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
        0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
    ];

    /// <summary>
    /// Whether the system's cryptography (on Linux OpenSSL, where there is one) may be loaded once there is more than 1 MiB to hash: it is
    /// up to six times as fast. False until it is set, so that nothing is loaded into a process that does not ask.
    /// </summary>
    public static bool MayUseSystemLibrary { get; set; }

    /// <summary>The SHA-256 of some bytes, as 64 lower-case hexadecimal digits.</summary>
    public static string Sha256(ReadOnlySpan<byte> content)
    {
        if (MayUseSystemLibrary
            && Interlocked.Add(ref s_hashed, content.Length) > WorthTheLibrary
            && (!OperatingSystem.IsLinux() || OpenSslLibrary.IsPresent))
        {
            Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
            SHA256.HashData(content, hash);
            return Convert.ToHexStringLower(hash);
        }
        return ComputeSha256(content);
    }

    /// <summary>The same, computed here.</summary>
    internal static string ComputeSha256(ReadOnlySpan<byte> content)
    {
        // The first 32 bits of the fractional parts of the square roots of the first 8 primes (FIPS 180-4, 5.3.3).
        Span<uint> state = [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19];
        int whole = content.Length & -BlockBytes;
        AddBlocks(state, content[..whole]);

        // The rest, a 1 bit, zeros, and the length in bits fill one or two blocks more.
        Span<byte> last = stackalloc byte[2 * BlockBytes];
        last.Clear();
        ReadOnlySpan<byte> rest = content[whole..];
        rest.CopyTo(last);
        last[rest.Length] = 0x80;
        int length = rest.Length + 1 + sizeof(ulong) <= BlockBytes ? BlockBytes : 2 * BlockBytes;
        BinaryPrimitives.WriteUInt64BigEndian(last[(length - sizeof(ulong))..], (ulong)content.Length * 8);
        AddBlocks(state, last[..length]);

        Span<byte> digest = stackalloc byte[32];
        for (int i = 0; i < state.Length; i++)
            BinaryPrimitives.WriteUInt32BigEndian(digest[(4 * i)..], state[i]);
        return Convert.ToHexStringLower(digest);
    }

    static void AddBlocks(Span<uint> state, ReadOnlySpan<byte> blocks)
    {
        Span<uint> w = stackalloc uint[64];
        uint a = state[0], b = state[1], c = state[2], d = state[3], e = state[4], f = state[5], g = state[6], h = state[7];
        for (; blocks.Length >= BlockBytes; blocks = blocks[BlockBytes..])
        {
            Schedule(w, blocks);
            (uint a0, uint b0, uint c0, uint d0, uint e0, uint f0, uint g0, uint h0) = (a, b, c, d, e, f, g, h);
            for (int t = 0; t < w.Length; t += 8)
            {
                // Eight rounds, after which each variable stands in its place again: none is moved.
                Round(w[t], a, b, c, ref d, e, f, g, ref h);
                Round(w[t + 1], h, a, b, ref c, d, e, f, ref g);
                Round(w[t + 2], g, h, a, ref b, c, d, e, ref f);
                Round(w[t + 3], f, g, h, ref a, b, c, d, ref e);
                Round(w[t + 4], e, f, g, ref h, a, b, c, ref d);
                Round(w[t + 5], d, e, f, ref g, h, a, b, ref c);
                Round(w[t + 6], c, d, e, ref f, g, h, a, ref b);
                Round(w[t + 7], b, c, d, ref e, f, g, h, ref a);
            }
            a += a0;
            b += b0;
            c += c0;
            d += d0;
            e += e0;
            f += f0;
            g += g0;
            h += h0;
        }
        (state[0], state[1], state[2], state[3], state[4], state[5], state[6], state[7]) = (a, b, c, d, e, f, g, h);
    }

    /// <summary>The 64 words of a block, each with its round's constant added (FIPS 180-4, 6.2.2, step 1).</summary>
    static void Schedule(Span<uint> w, ReadOnlySpan<byte> block)
    {
        Vector128<byte> bigEndian = Vector128.Create((byte)3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12);
        ref uint words = ref MemoryMarshal.GetReference(w);
        ref uint constants = ref MemoryMarshal.GetReference(RoundConstants);
        Vector128<uint> w0 = Load(block, 0, bigEndian), w1 = Load(block, 16, bigEndian),
            w2 = Load(block, 32, bigEndian), w3 = Load(block, 48, bigEndian);
        for (nuint t = 0; t < 64; t += 4)
        {
            (w0 + Vector128.LoadUnsafe(ref constants, t)).StoreUnsafe(ref words, t);
            if (t < 48)
            {
                // Words t + 16 to t + 19 from those 16, 15, 7 and 2 before them; the last two need the first two of their own.
                Vector128<uint> by15 = Next(w0, w1), by7 = Next(w2, w3);
                Vector128<uint> sum = w0 + Sigma0(by15) + by7;
                Vector128<uint> low = sum + Sigma1(Vector128.Shuffle(w3, Vector128.Create(2u, 3, 4, 4)));
                Vector128<uint> high = Sigma1(Vector128.Shuffle(low, Vector128.Create(4u, 4, 0, 1)));
                (w0, w1, w2, w3) = (w1, w2, w3, low + high);
            }
            else
                (w0, w1, w2) = (w1, w2, w3);
        }
    }

    static Vector128<uint> Load(ReadOnlySpan<byte> block, int at, Vector128<byte> order) =>
        Vector128.Shuffle(Vector128.Create(block.Slice(at, 16)), order).AsUInt32();

    /// <summary>The four words from the second of <paramref name="low"/> on.</summary>
    static Vector128<uint> Next(Vector128<uint> low, Vector128<uint> high) =>
        Vector128.Shuffle(low, Vector128.Create(1u, 2, 3, 4)) | Vector128.Shuffle(high, Vector128.Create(4u, 4, 4, 0));

    static Vector128<uint> Sigma0(Vector128<uint> x) => Rotate(x, 7) ^ Rotate(x, 18) ^ (x >>> 3);

    static Vector128<uint> Sigma1(Vector128<uint> x) => Rotate(x, 17) ^ Rotate(x, 19) ^ (x >>> 10);

    static Vector128<uint> Rotate(Vector128<uint> x, int by) => (x >>> by) | (x << (32 - by));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Round(uint word, uint a, uint b, uint c, ref uint d, uint e, uint f, uint g, ref uint h)
    {
        uint t = h + (BitOperations.RotateRight(e, 6) ^ BitOperations.RotateRight(e, 11) ^ BitOperations.RotateRight(e, 25))
            + (g ^ (e & (f ^ g))) + word;
        d += t;
        h = t + (BitOperations.RotateRight(a, 2) ^ BitOperations.RotateRight(a, 13) ^ BitOperations.RotateRight(a, 22))
            + ((a & b) ^ (c & (a ^ b)));
    }
}
