using System.CommandLine;

namespace SeverityEngine.Cli;

/// <summary><c>severity model</c>: published weights, converted and kept.</summary>
static class ModelCommand
{
    public static Command Create() => new("model", "Installs, imports, optimizes, describes, shows and verifies models.")
    {
        ModelListCommand.Create(),
        ModelInstallCommand.Create(),
        ModelImportCommand.Create(),
        ModelOptimizeCommand.Create(),
        ModelDescribeCommand.Create(),
        ModelInfoCommand.Create(),
        ModelVerifyCommand.Create(),
        ModelCheckPublishedCommand.Create(),
    };
}
