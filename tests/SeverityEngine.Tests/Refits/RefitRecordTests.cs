using SeverityEngine.Refits;

namespace SeverityEngine.Tests.Refits;

public class RefitRecordTests
{
    const string Hash = "75efd27bd4ee3bb4c5d351107652eea2b2a440648766c5b96a9f7cf085f3047f";

    const string Text = """{"version":1,"images":94,"patients":65,"folds":"""
        + $$$"""10,"data_sha256":"{{{Hash}}}","geographic_extent":{"method":"ridge","mae":"""
        + """1.06,"mae_as_is":1.16},"opacity":{"method":"as_is"}}""";

    [Fact]
    public void A_record_is_written_and_read_as_the_documented_json()
    {
        RefitRecord record = new()
        {
            Images = 94,
            Patients = 65,
            Folds = 10,
            DataSha256 = Hash,
            GeographicExtent = new RefitOutcome(RefitMethod.Ridge, 1.06, 1.16),
            Opacity = new RefitOutcome(RefitMethod.AsIs, null, null),
        };
        Assert.Equal(Text, record.Write());
        Assert.Equal(record, RefitRecord.Read(Text));
        Assert.Null(RefitRecord.Read(Text.Replace("\"patients\":65,", "", StringComparison.Ordinal)).Patients);
    }

    [Theory]
    [InlineData("\"version\":1", "\"version\":2", "its version is 2")]
    [InlineData("\"ridge\"", "\"guess\"", "its method 'guess' is none of as_is, offset, linear, isotonic, ridge")]
    [InlineData("\"mae\":1.06", "\"mae\":\"x\"", "geographic_extent.mae is no number")]
    [InlineData("\"folds\":10,", "", "folds is missing")]
    public void What_cannot_be_read_is_named_with_its_key(string from, string to, string fault)
    {
        SeverityException e = Assert.Throws<SeverityException>(() => RefitRecord.Read(Text.Replace(from, to, StringComparison.Ordinal)));
        Assert.Equal(SeverityError.ModelContract, e.Code);
        Assert.StartsWith("severity.refit cannot be used: ", e.Message, StringComparison.Ordinal);
        Assert.Contains(fault, e.Message, StringComparison.Ordinal);
    }
}
