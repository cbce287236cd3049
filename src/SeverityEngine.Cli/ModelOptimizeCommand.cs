using System.CommandLine;
using SeverityEngine.Inference;
using SeverityEngine.Models.Quantization;
using SeverityEngine.Onnx;
using SeverityEngine.Onnx.Passes;
using SeverityEngine.Phantoms;

namespace SeverityEngine.Cli;

/// <summary><c>severity model optimize</c>: a model that computes the same faster, or nearly the same in 8-bit integers.</summary>
static class ModelOptimizeCommand
{
    const string Phantoms = "phantoms";

    public static Command Create()
    {
        Argument<string> model = new("MODEL") { Description = "The model: an ONNX file." };
        Option<string> output = new("--output", "-o") { Description = "The model to write.", HelpName = "OUT.onnx", Required = true };
        Option<bool> trust = TrustOption.Create();
        Option<bool> integers = new("--int8")
        {
            Description = "Compute in 8-bit integers: some three times as fast on processors with AVX-512 VNNI, with scores "
                + "that differ a little. For DenseNets and residual networks, as the built-in model is one.",
        };
        Option<string?> calibrate = new("--calibrate")
        {
            Description =
                "What --int8 sets its ranges by: a folder of some 30 to 100 X-rays like those to be scored, or phantoms, which are drawn.",
            HelpName = $"DIR|{Phantoms}",
        };
        Option<bool> force = ForceOption.Create();
        Command command =
            new("optimize", "Writes a model that computes the same with less work; with --int8, nearly the same with far less.")
        {
            model,
            trust,
            output,
            force,
            integers,
            calibrate,
        };
        command.SetAction(parsed =>
        {
            string? images = parsed.GetValue(calibrate);
            if (parsed.GetValue(integers) != images is not null)
                throw new SeverityException(
                    SeverityError.InvalidArgument, $"--int8 and --calibrate DIR|{Phantoms} go together; give both or neither");
            string source = parsed.GetValue(model)!, path = parsed.GetValue(output)!;
            ModelOutput.RequireReplaceable(path, [source], parsed.GetValue(force));
            OnnxModel optimized = ModelFile.Load(source).ToGraph(mustBeData: !parsed.GetValue(trust));
            if (images is not null)
                optimized = Convert(optimized, source, images);
            else
                Print(OnnxFaults.Translate(source, () => EnginePasses.Apply(optimized)));
            ModelOutput.Write(path, optimized);
            return 0;
        });
        return command;
    }

    static void Print(IReadOnlyList<string> done)
    {
        foreach (string line in done.Count > 0 ? done : ["nothing to do: the model is written as it is"])
            Console.WriteLine(line);
    }

    static OnnxModel Convert(OnnxModel model, string source, string images)
    {
        OnnxValue? input = model.Graph.Inputs.FirstOrDefault(i => i.Name == ModelContract.ImageInput);
        if (input?.Shape is not [_, _, { IsFixed: true } height, { IsFixed: true } width] || height != width || height.Length > 4096)
            throw new SeverityException(
                SeverityError.ModelContract, $"{source}: the model has no input '{ModelContract.ImageInput}' of [N, 1, S, S]");
        int size = (int)height.Length;
        IReadOnlyList<float[]> calibration = images == Phantoms
            ? CalibrationImages.From(ChestPhantom.OfAllSeverities().Select(p => p.Render()), size)
            : CalibrationImages.FromFolder(images, size, skipped => Report.Warning($"{skipped.Message}; it is left out"));
        string what = images == Phantoms ? $"{calibration.Count} phantoms" : $"{calibration.Count} images";
        WorkProgress progress = new($"calibrating on {what}");
        ProgressDisplay.Show(progress, asBar: !Console.IsErrorRedirected,
            () => model = ModelQuantizer.Convert(model, source, calibration, what, progress));
        return model;
    }
}
