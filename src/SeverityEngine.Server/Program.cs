using SeverityEngine.Server;

Report.Program = "severity-server";
Failures.Prepare();
try
{
    ProgramStart.Prepare(typeof(Program).Assembly);
    return ProgramStart.Invoke(ServerCommand.Create(), args);
}
#pragma warning disable CA1031 // Whatever it is, it ends in one line and an exit code.
catch (Exception e)
#pragma warning restore CA1031
{
    return Failures.End(e);
}
