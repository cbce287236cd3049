namespace SeverityEngine.Imaging.JpegLossless;

/// <summary>A prediction of a sample from those before it (ITU-T T.81, table H.1); a type, so that each has a loop of its own.</summary>
interface IJpegLosslessPredictor
{
    static abstract int Predict(int left, int above, int aboveLeft);
}

readonly struct LeftPredictor : IJpegLosslessPredictor
{
    public static int Predict(int left, int above, int aboveLeft) => left;
}

readonly struct AbovePredictor : IJpegLosslessPredictor
{
    public static int Predict(int left, int above, int aboveLeft) => above;
}

readonly struct AboveLeftPredictor : IJpegLosslessPredictor
{
    public static int Predict(int left, int above, int aboveLeft) => aboveLeft;
}

readonly struct PlanePredictor : IJpegLosslessPredictor
{
    public static int Predict(int left, int above, int aboveLeft) => left + above - aboveLeft;
}

readonly struct LeftSlopePredictor : IJpegLosslessPredictor
{
    public static int Predict(int left, int above, int aboveLeft) => left + ((above - aboveLeft) >> 1);
}

readonly struct AboveSlopePredictor : IJpegLosslessPredictor
{
    public static int Predict(int left, int above, int aboveLeft) => above + ((left - aboveLeft) >> 1);
}

readonly struct MeanPredictor : IJpegLosslessPredictor
{
    public static int Predict(int left, int above, int aboveLeft) => (left + above) >> 1;
}
