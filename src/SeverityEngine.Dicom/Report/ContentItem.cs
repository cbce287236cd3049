using System.Globalization;
using SeverityEngine.Dicom.Writing;

namespace SeverityEngine.Dicom.Report;

/// <summary>Makes the items of a report's tree (PS3.3, C.17.3).</summary>
static class ContentItem
{
    /// <summary>Relationships of an item to the one above it.</summary>
    public const string Contains = "CONTAINS", HasContext = "HAS OBS CONTEXT", HasAcquisition = "HAS ACQ CONTEXT",
        HasModifier = "HAS CONCEPT MOD", HasProperties = "HAS PROPERTIES", SelectedFrom = "SELECTED FROM";

    static readonly Code s_noUnits = new("1", "UCUM", "no units");

    /// <summary>A container; the root has no relationship.</summary>
    /// <param name="relationship">To the item above; null for the root.</param>
    /// <param name="name">What it holds.</param>
    /// <param name="template">The template of PS3.16 that it follows; null for one within another's.</param>
    /// <param name="content">What is in it.</param>
    public static DataSet Container(string? relationship, Code name, string? template, params IReadOnlyList<DataSet> content)
    {
        DataSet item = Item(relationship, "CONTAINER", name, content).Text(ResultTags.Continuity, "CS", "SEPARATE");
        return template is null ? item : item.Sequence(ResultTags.ContentTemplate, new DataSet()
            .Text(ResultTags.MappingResource, "CS", "DCMR")
            .Text(ResultTags.TemplateIdentifier, "CS", template));
    }

    public static DataSet Coded(string relationship, Code name, Code value, params IReadOnlyList<DataSet> content) =>
        Item(relationship, "CODE", name, content).Sequence(ResultTags.ConceptCode, value.Item());

    public static DataSet Text(string relationship, Code name, string value) =>
        Item(relationship, "TEXT", name).Text(ResultTags.TextValue, "UT", value);

    public static DataSet Uid(string relationship, Code name, string value) =>
        Item(relationship, "UIDREF", name).Text(ResultTags.Uid, "UI", value);

    /// <summary>A number without a unit.</summary>
    public static DataSet Number(string relationship, Code name, double value, params IReadOnlyList<DataSet> content) =>
        Item(relationship, "NUM", name, content).Sequence(ResultTags.MeasuredValue, new DataSet()
            .Sequence(ResultTags.Units, s_noUnits.Item())
            .Double(ResultTags.FloatingPointValue, value)
            // Of 16 characters at most: scores have one digit before the point.
            .Text(ResultTags.NumericValue, "DS", value.ToString("0.######", CultureInfo.InvariantCulture)));

    /// <summary>A reference to an image.</summary>
    public static DataSet Image(string relationship, Code? name, DataSet reference) =>
        Item(relationship, "IMAGE", name).Sequence(ResultTags.ReferencedSops, reference);

    /// <summary>A rectangle on an image as a closed line, from the upper left corner clockwise (PS3.3, C.18.6).</summary>
    public static DataSet Rectangle(string relationship, Code name, float left, float top, float right, float bottom, DataSet image) =>
        Item(relationship, "SCOORD", name, image)
            .Singles(ResultTags.GraphicData, left, top, right, top, right, bottom, left, bottom, left, top)
            .Text(ResultTags.GraphicType, "CS", "POLYLINE");

    static DataSet Item(string? relationship, string type, Code? name, params IReadOnlyList<DataSet> content)
    {
        DataSet item = new DataSet().Text(ResultTags.ValueType, "CS", type);
        if (relationship is not null)
            item.Text(ResultTags.Relationship, "CS", relationship);
        if (name is { } concept)
            item.Sequence(ResultTags.ConceptName, concept.Item());
        return content.Count > 0 ? item.Sequence(ResultTags.Content, content) : item;
    }
}
