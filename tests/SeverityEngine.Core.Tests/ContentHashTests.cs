using System.Security.Cryptography;
using SeverityEngine.Tests;

namespace SeverityEngine.Core.Tests;

[Collection(RunAlone.Name)]
public class ContentHashTests
{
    [Theory]
    // FIPS 180-4's own examples (NIST, SHA256.pdf).
    [InlineData("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    [InlineData(
        "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")]
    public void Sha256_gives_the_standards_own_examples(string text, string expected) =>
        Assert.Equal(expected, ContentHash.ComputeSha256(System.Text.Encoding.ASCII.GetBytes(text)));

    [Fact]
    public void Sha256_agrees_with_the_platforms_over_every_length_around_the_blocks()
    {
        byte[] content = new byte[300];
        new Random(1).NextBytes(content);
        for (int length = 0; length <= content.Length; length++)
            Assert.Equal(
                Convert.ToHexStringLower(SHA256.HashData(content.AsSpan(0, length))), ContentHash.ComputeSha256(content.AsSpan(0, length)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Sha256_is_the_same_from_the_systems_library(bool mayUse)
    {
        // The standard's third example, a million times 'a'. The library takes over after 1 MiB, between the first and the second.
        byte[] content = new byte[1_000_000];
        content.AsSpan().Fill((byte)'a');
        ContentHash.MayUseSystemLibrary = mayUse;
        try
        {
            for (int i = 0; i < 3; i++)
                Assert.Equal("cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0", ContentHash.Sha256(content));
        }
        finally
        {
            ContentHash.MayUseSystemLibrary = false;
        }
    }
}
