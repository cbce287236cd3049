using System.CommandLine;

namespace SeverityEngine.Cli;

/// <summary><c>severity dicom</c>: DICOM over the network.</summary>
static class DicomCommand
{
    public static Command Create() => new("dicom", "Takes X-rays from DICOM senders over the network.")
    {
        DicomListenCommand.Create(),
    };
}
