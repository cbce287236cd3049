using System.Text.Json.Serialization;
using SeverityEngine.Models.Store;

namespace SeverityEngine.Models.Catalog;

/// <summary>Readers and writers made at compile time, since a program compiled ahead of time can make none.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    WriteIndented = true,
    NewLine = "\n")]
[JsonSerializable(typeof(CatalogJson))]
[JsonSerializable(typeof(InstallRecord))]
sealed partial class ModelsJson : JsonSerializerContext;
