using SeverityEngine.Phantoms;
using SeverityEngine.Phantoms.Drawing;

namespace SeverityEngine.Docs.Tests;

public class CaptionTests
{
    [Fact]
    public void Explore()
    {
        using SeverityPredictor predictor = SeverityPredictor.Create();
        List<string> l = [];
        for (int seed = 0; seed < 24; seed++)
            foreach (double extent in (double[])[3, 4.5, 6])
            {
                ChestPhantom phantom = new() { Seed = seed, GeographicExtent = extent, Width = 448, Height = 448 };
                using XRayImage image = phantom.Render();
                PhantomRenderer drawn = new(phantom);
                string s = $"{seed} {extent}";
                foreach (SaliencyMethod m in Enum.GetValues<SaliencyMethod>())
                {
                    SaliencyMap map = predictor.Explain(image, new SaliencyOptions { Method = m });
                    double inside = 0, lung = 0, all = 0; int n = 0, nl = 0; bool peak = false, peakLung = false;
                    for (int y = 0; y < 224; y++)
                        for (int x = 0; x < 224; x++)
                        {
                            float u = (x + 0.5f) / 112 - 1, v = (y + 0.5f) / 112 - 1;
                            bool isLung = drawn.Anatomy.ShowsLung(u, v), op = isLung && drawn.Opacities.Covers(u, v);
                            double value = Math.Max(0, map.Values.Span[y * 224 + x]);
                            all += value; if (isLung) { lung += value; nl++; } if (op) { inside += value; n++; }
                            if (x == map.Peak.X && y == map.Peak.Y) (peak, peakLung) = (op, isLung);
                        }
                    s += $" | {m} ext {map.Score.GeographicExtent:F2} in {inside / all:F2} area {n / 50176.0:F2} lung {lung / all:F2} area {nl / 50176.0:F2} of-lung {inside / lung:F2}/{(double)n / nl:F2} peak {(peak ? "opacity" : peakLung ? "clear" : "outside")}";
                }
                l.Add(s);
            }
        File.WriteAllLines("/tmp/sal/explore.txt", l);
    }
}
