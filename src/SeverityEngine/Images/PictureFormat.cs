namespace SeverityEngine.Images;

/// <summary>The formats that pictures are written in.</summary>
enum PictureFormat
{
    Png,
    Jpeg,
}
