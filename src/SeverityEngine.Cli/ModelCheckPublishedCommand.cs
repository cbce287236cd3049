using System.CommandLine;
using System.Globalization;
using SeverityEngine.Models;

namespace SeverityEngine.Cli;

/// <summary><c>severity model check-published</c>: whether the published scores come out.</summary>
static class ModelCheckPublishedCommand
{
    const string DefaultModel = "xrv-densenet121-cidc";
    const double Tolerance = 0.05;

    public static Command Create()
    {
        Argument<string> folder = new("IMAGES_DIR")
        {
            Description = "A folder with the images of the published table, from the COVID-19 image data collection.",
        };
        Option<string> model = new("--model")
        {
            Description = "The model to check: an installed one's name, or a file.",
            HelpName = "NAME|FILE",
            DefaultValueFactory = _ => DefaultModel,
        };
        Option<bool> trust = TrustOption.Create();
        Option<string?> catalog = CatalogOption.Create();
        Command command = new("check-published",
            "Scores the images whose scores were published and prints published, measured, difference, and pass or fail at "
                + $"{Tolerance.ToString(CultureInfo.InvariantCulture)}.")
        {
            folder,
            model,
            trust,
            catalog,
        };
        command.SetAction(parsed =>
            Run(parsed.GetValue(folder)!, parsed.GetValue(model)!, parsed.GetValue(trust),
                CatalogOption.Resolve(parsed.GetValue(catalog))));
        return command;
    }

    static int Run(string folder, string model, bool trustModel, ModelCatalog catalog)
    {
        // A model that has no published scores of its own is held against those of the published command line.
        KnownModel published =
            catalog.Models.FirstOrDefault(m => m.Name == model && m.PublishedScores.Count > 0) ?? catalog.Find(DefaultModel);
        using SeverityPredictor predictor =
            SeverityPredictor.Create(new PredictorOptions { Model = ModelOption.Resolve(model), TrustModel = trustModel });
        Console.WriteLine($"{"score",-18}{"published",11}{"measured",11}{"difference",12}  result  image");
        int exit = 0, failed = 0, compared = 0;
        foreach (PublishedScore expected in published.PublishedScores)
        {
            try
            {
                SeverityScore score = predictor.Predict(Path.Combine(folder, expected.Image));
                Compare("geographic_extent", expected.GeographicExtent, score.GeographicExtent, expected.Image);
                Compare("opacity", expected.Opacity, score.Opacity, expected.Image);
            }
            catch (SeverityException e)
            {
                Report.Error(e.Message);
                exit = Math.Max(exit, e.Code.ExitCode());
            }
        }
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{compared - failed} of {2 * published.PublishedScores.Count} published scores came out within {Tolerance} with "
                + $"{predictor.Model.Name} {predictor.Model.Version}"));
        return failed > 0 ? Math.Max(exit, SeverityError.VerificationFailed.ExitCode()) : exit;

        void Compare(string name, double expected, double measured, string image)
        {
            bool pass = Math.Abs(measured - expected) <= Tolerance;
            compared++;
            failed += pass ? 0 : 1;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{name,-18}{expected,11:F4}{measured,11:F4}{measured - expected,12:+0.0000;-0.0000}  {(pass ? "pass" : "FAIL"),-6}"
                    + $"  {image}"));
        }
    }
}
