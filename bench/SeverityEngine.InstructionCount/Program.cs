using System.Globalization;
using SeverityEngine;
using SeverityEngine.Preprocessing;

// Decodes and preprocesses an image a number of times; bench/count-instructions.sh has valgrind count the instructions of it.
byte[] file = File.ReadAllBytes(args[0]);
int times = int.Parse(args[1], CultureInfo.InvariantCulture);
Preprocessor preprocessor = new(224);
float[] input = new float[224 * 224];
for (int i = 0; i < times; i++)
{
    using XRayImage image = XRayImage.Decode(file, args[0]);
    preprocessor.Run(image.Pixels, input);
}
return float.IsFinite(input[0]) ? 0 : 1;
