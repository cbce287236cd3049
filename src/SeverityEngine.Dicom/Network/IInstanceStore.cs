namespace SeverityEngine.Dicom.Network;

/// <summary>Where received objects go. Called by a thread for each association.</summary>
interface IInstanceStore
{
    /// <summary>Begins to take an object.</summary>
    /// <exception cref="StoreRefusal">It is not taken; the rest of the message is passed over.</exception>
    IInstanceSink Begin(ReceivedInstance instance);
}

/// <summary>An object that is being received. Disposed without <see cref="Complete"/>, nothing of it is left.</summary>
interface IInstanceSink : IDisposable
{
    /// <summary>Takes the next bytes of the data set.</summary>
    /// <exception cref="StoreRefusal">They are not taken.</exception>
    void Write(ReadOnlySpan<byte> bytes);

    /// <summary>Ends it: when this returns, the disk has it.</summary>
    /// <exception cref="StoreRefusal">It could not be stored.</exception>
    void Complete();
}

/// <summary>What is known of an object before its data set comes.</summary>
/// <param name="SopClass">Its SOP class.</param>
/// <param name="SopInstance">Its UID, which has the form of one.</param>
/// <param name="TransferSyntax">How the data set is written.</param>
/// <param name="Sender">Who sends it, for messages.</param>
readonly record struct ReceivedInstance(string SopClass, string SopInstance, string TransferSyntax, string Sender);

/// <summary>Why an object is not stored.</summary>
#pragma warning disable CA1032 // It is raised with its status.
sealed class StoreRefusal(int status, string message, Exception? cause = null) : Exception(message, cause)
#pragma warning restore CA1032
{
    /// <summary>What the sender is answered.</summary>
    public int Status => status;
}
