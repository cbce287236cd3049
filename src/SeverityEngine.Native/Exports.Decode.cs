using System.Runtime.InteropServices;
using SeverityEngine.Native.Abi;
using SeverityEngine.Native.Handles;

namespace SeverityEngine.Native;

static unsafe partial class Exports
{
    [UnmanagedCallersOnly(EntryPoint = "severity_decode_file")]
    public static int DecodeFile(byte* path, NativeOptions* options, void* pixels, nuint room, NativeImage* image)
    {
        try
        {
            ImageLimits limits = Clear(image, options);
            using XRayImage decoded = XRayImage.Load(Utf8.Read(path, "image's path"), limits);
            Give(decoded, pixels, room, image);
            return ErrorText.Succeed();
        }
        catch (Exception e)
        {
            return ErrorText.Fail(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "severity_decode_encoded")]
    public static int DecodeEncoded(
        void* data, nuint size, byte* name, NativeOptions* options, void* pixels, nuint room, NativeImage* image)
    {
        try
        {
            ImageLimits limits = Clear(image, options);
            string called = Called(name);
            using XRayImage decoded = XRayImage.Decode(Encoded(data, size, called, limits), called, limits);
            Give(decoded, pixels, room, image);
            return ErrorText.Succeed();
        }
        catch (Exception e)
        {
            return ErrorText.Fail(e);
        }
    }

    static ImageLimits Clear(NativeImage* image, NativeOptions* options)
    {
        SizedStruct.Size(image);
        SizedStruct.Write(image, default);
        NativeOptions given = options is null ? default : SizedStruct.Read(options);
        given.Check();
        return given.Limits();
    }

    static void Give(XRayImage decoded, void* pixels, nuint room, NativeImage* image)
    {
        NativeImage found = NativeImage.Of(decoded);
        if (pixels is null)
        {
            if (room != 0)
                throw Invalid($"room for {room} bytes of pixels at NULL");
        }
        else
        {
            if (room < found.DataSize)
            {
                throw Invalid(
                    $"the pixels have room for {room} bytes; this image of {found.Width} x {found.Height} takes {found.DataSize}");
            }
            decoded.Pixels.Data.CopyTo(new Span<byte>(pixels, (int)found.DataSize));
        }
        SizedStruct.Write(image, found);
        ErrorText.Warn(decoded.Warnings);
    }
}
