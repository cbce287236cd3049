using System.CommandLine;
using SeverityEngine.Models;

namespace SeverityEngine.Cli;

/// <summary><c>severity model verify</c>: whether what is installed is what was installed, and runs.</summary>
static class ModelVerifyCommand
{
    public static Command Create()
    {
        Argument<string[]> names = new("NAME")
        {
            Description = "Installed models; all of them where none is given.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        Option<bool> trust = TrustOption.Create();
        Command command = new("verify", "Hashes installed models anew, checks their contract and loads them.") { names, trust };
        command.SetAction(parsed => Run(parsed.GetValue(names) ?? [], parsed.GetValue(trust)));
        return command;
    }

    static int Run(string[] names, bool trustModel)
    {
        ModelStore store = ModelStore.Default();
        if (names.Length == 0)
            names = [.. store.List().Select(m => m.Name)];
        if (names.Length == 0)
            Console.WriteLine($"no model is installed in {store.Folder}");
        int exit = 0;
        foreach (string name in names)
        {
            try
            {
                ModelFile file = store.Verify(name);
                // Loading holds the model to the contract.
                using SeverityPredictor predictor =
                    SeverityPredictor.Create(new PredictorOptions { Model = file, TrustModel = trustModel, Threads = 1 });
                Console.WriteLine($"{name}: ok, SHA-256 {file.Sha256}");
            }
            catch (SeverityException e)
            {
                Console.WriteLine($"{name}: failed");
                Report.Error(e.Message);
                exit = Math.Max(exit, e.Code.ExitCode());
            }
        }
        return exit;
    }
}
