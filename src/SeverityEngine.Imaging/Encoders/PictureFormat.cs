namespace SeverityEngine.Imaging.Encoders;

/// <summary>The formats that pictures are written in.</summary>
enum PictureFormat
{
    Png,
    Jpeg,
}
