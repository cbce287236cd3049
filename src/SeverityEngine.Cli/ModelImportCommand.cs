using System.CommandLine;
using SeverityEngine.Inference;
using SeverityEngine.IO;
using SeverityEngine.Models;
using SeverityEngine.Models.Checkpoints;
using SeverityEngine.Models.Checkpoints.Networks;
using SeverityEngine.Models.Heads;
using SeverityEngine.Models.Install;
using SeverityEngine.Onnx;
using SeverityEngine.Onnx.Passes;

namespace SeverityEngine.Cli;

/// <summary><c>severity model import</c>: a checkpoint of the published layout as a model, and a head of one's own on any model.</summary>
static class ModelImportCommand
{
    public static Command Create()
    {
        Argument<string?> checkpoint = new("CHECKPOINT|MODEL")
        {
            Description = "A DenseNet-121 for one channel: a whole module or a state dict that PyTorch saved, in the old format or as a "
                + "zip, or safetensors. The weights may stand under any key (state_dict, net, ...) and behind any prefix (module., "
                + "model., ...). Nothing in it is run. Or a model whose head is to be replaced: an ONNX file or an installed model's name; "
                + "the built-in model where not given.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        Option<string> head = new("--head")
        {
            Description =
                "What makes the scores. cidc: linear in the 'Lung Opacity' logit, as published. ralo: perceptrons on the features; see "
                + "--head-file. Else a JSON file of your own regression: { \"input\": \"features\" or \"logits\", \"geographic_extent\": "
                + "{ \"coefficients\": [...], \"intercept\": x }, \"opacity\": {...} }.",
            HelpName = "cidc|ralo|FILE.json",
            DefaultValueFactory = _ => "cidc",
        };
        Option<string[]> headFiles = new("--head-file")
        {
            Description = "For --head ralo: the perceptron of geographic extent, then that of opacity, as pickles of scikit-learn's "
                + "(coefs_, intercepts_), such as the published mlp_geo.pkl and mlp_opa.pkl. "
                + "Without them, those that 'model install' downloaded.",
            HelpName = "FILE",
            AllowMultipleArgumentsPerToken = true,
            Arity = ArgumentArity.OneOrMore,
        };
        Option<string?> stateDict = new("--state-dict")
        {
            Description = "Which weights to take of a file with several that fit, such as model and ema: the keys and the prefix that lead "
                + "to them, joined by dots, as the error message lists them.",
            HelpName = "NAME",
        };
        Option<string> output = new("--output", "-o") { Description = "The model to write.", HelpName = "OUT.onnx", Required = true };
        Option<string?> name = new("--name") { Description = "What the model calls itself; OUT where not given.", HelpName = "NAME" };
        Option<bool> plain = new("--no-optimize")
        {
            Description = "Write the network as it was published. By default a checkpoint's is rewritten to compute the same with less "
                + "work, as 'model optimize' does; a model's stays as it is.",
        };
        Option<bool> trust = TrustOption.Create();
        Option<bool> force = ForceOption.Create();
        Command command = new("import",
            "Converts a PyTorch checkpoint, whose hash need not be known, to an ONNX model; or puts a head of your own onto a model.")
        {
            checkpoint,
            head,
            headFiles,
            stateDict,
            output,
            name,
            plain,
            trust,
            force,
        };
        command.Validators.Add(parsed =>
        {
            if (parsed.GetValue(checkpoint) is null && parsed.GetResult(head) is null or { Implicit: true })
                parsed.AddError("Name a CHECKPOINT, or the --head that a model is to get.");
        });
        command.SetAction(parsed =>
        {
            string path = parsed.GetValue(output)!;
            string? source = parsed.GetValue(checkpoint), weights = parsed.GetValue(stateDict);
            ModelOutput.RequireReplaceable(path,
                [.. source is null ? [] : (string[])[source], parsed.GetValue(head)!, .. parsed.GetValue(headFiles) ?? []],
                parsed.GetValue(force));
            SeverityHead made = ReadHead(parsed.GetValue(head)!, parsed.GetValue(headFiles) ?? []);
            string called = parsed.GetValue(name) ?? Path.GetFileNameWithoutExtension(path);
            if (called.Length == 0)
                called = "imported";
            OnnxModel model;
            if (source is not null && !IsModel(source))
            {
                model = Import(source, weights, made, called);
                if (!parsed.GetValue(plain))
                    OnnxFaults.Translate(source, () => EnginePasses.Apply(model));
            }
            else if (weights is not null)
            {
                throw new SeverityException(SeverityError.InvalidArgument,
                    $"--state-dict chooses among the weights of a checkpoint, and {source ?? "the built-in model"} is a model; leave it "
                    + "away");
            }
            else
                model = Replace(ModelOption.Resolve(source), made, called, parsed.GetValue(trust));
            ModelOutput.Write(path, model);
            return 0;
        });
        return command;
    }

    /// <summary>Whether what is named is a model: no file, which then is an installed model's name, or a file in ONNX's form.</summary>
    static bool IsModel(string source)
    {
        if (!Path.Exists(source))
            return Path.GetFileName(source) == source && ModelStore.Default().Find(source) is not null;
        if (Path.GetExtension(source).Equals(".onnx", StringComparison.OrdinalIgnoreCase))
            return true;
        // Its first field is the format's version; safetensors, whose length may begin with the same byte, has a brace after it.
        return OutputGuard.IsOfKind(source, start => start is [0x08, _, _, _, _, _, _, _, not (byte)'{', ..]);
    }

    static OnnxModel Replace(ModelFile file, SeverityHead head, string name, bool trust)
    {
        OnnxModel model = HeadReplacement.Apply(file, head, name, trust);
        if (file.ToGraph().Metadata.ContainsKey(ModelContract.IntervalsKey))
            Console.WriteLine("the intervals of the old scores are left out, since they do not hold for the new ones");
        return model;
    }

    static OnnxModel Import(string checkpoint, string? stateDict, SeverityHead head, string name)
    {
        byte[] bytes = WeightsFile.ReadAny(checkpoint);
        string sha256 = ContentHash.Sha256(bytes);
        string kind = head switch { CidcHead => "cidc", RaloHead => "ralo", _ => "" };
        KnownModel? known = ModelCatalog.BuiltIn.Models.FirstOrDefault(m => m.Backbone.Sha256 == sha256 && m.Head == kind);
        ModelContract contract = new()
        {
            Name = name,
            Version = known?.Version ?? "1",
            Source = known?.Backbone.Url ?? Path.GetFileName(checkpoint),
            SourceSha256 = sha256,
            License = known?.License,
            Citation = known?.Citation,
        };
        return CheckpointConverter.ToModel(bytes, checkpoint, head, contract, stateDict: stateDict);
    }

    static SeverityHead ReadHead(string head, string[] files)
    {
        if (head != "ralo" && files.Length > 0)
            throw new SeverityException(SeverityError.InvalidArgument, $"--head-file goes with --head ralo; --head is {head}");
        return head switch
        {
            "cidc" => new CidcHead(),
            "ralo" => ReadRalo(files),
            _ when File.Exists(head) => RegressionHead.Read(head),
            _ => throw new SeverityException(
                SeverityError.InvalidArgument, $"--head {head}: neither cidc, nor ralo, nor a file that is there"),
        };
    }

    static RaloHead ReadRalo(string[] files)
    {
        KnownModel published = ModelCatalog.BuiltIn.Models.First(m => m.Head == "ralo");
        WeightsFile[] names = [.. published.HeadFiles];
        if (files.Length == 0)
        {
            ModelStore store = ModelStore.Default();
            byte[]?[] downloads = [.. names.Select(f => PublishedFiles.FromDownloads(f, store))];
            if (downloads is not [{ } extent, { } opacity])
            {
                throw new SeverityException(SeverityError.FileNotFound,
                    $"the ralo head needs its two files; download {names[0].Url} and {names[1].Url} and give both with --head-file, "
                    + $"or run 'severity model install {published.Name}' first");
            }
            return Head((extent, names[0].Name), (opacity, names[1].Name));
        }
        if (files.Length != 2)
            throw new SeverityException(SeverityError.InvalidArgument,
                $"--head ralo takes two --head-file, of geographic extent and of opacity; there are {files.Length}");
        (byte[] Bytes, string Name)[] given = [.. files.Select(f => (WeightsFile.ReadAny(f), f))];
        // The published two are known from each other; of others the order tells.
        if (names[1].Matches(given[0].Bytes) && names[0].Matches(given[1].Bytes))
            Array.Reverse(given);
        if (given[0].Bytes.AsSpan().SequenceEqual(given[1].Bytes))
            throw new SeverityException(
                SeverityError.InvalidArgument, $"--head-file {files[0]} and {files[1]} are the same; the scores have a file each");
        return Head(given[0], given[1]);

        static RaloHead Head((byte[] Bytes, string Name) extent, (byte[] Bytes, string Name) opacity) =>
            new(MlpHead.Read(extent.Bytes, extent.Name).Layers, MlpHead.Read(opacity.Bytes, opacity.Name).Layers);
    }
}
