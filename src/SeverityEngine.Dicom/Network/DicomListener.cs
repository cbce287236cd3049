using System.Net;
using System.Net.Sockets;

namespace SeverityEngine.Dicom.Network;

/// <summary>What an association tells and asks the listener that it belongs to.</summary>
interface IAssociationWatch
{
    /// <summary>Whether the listener ends.</summary>
    bool IsStopping { get; }

    /// <summary>Takes one of the associations that there may be.</summary>
    /// <returns>False where all are taken.</returns>
    bool TryAssociate();

    /// <summary>Notes that a unit has begun outside of a message: from here on the association is not idle.</summary>
    /// <exception cref="PeerFault">The listener ends, and takes no more.</exception>
    void Begin();

    /// <summary>Notes that a message is at its end.</summary>
    /// <returns>False where the listener ends.</returns>
    bool End();

    /// <summary>Says something, a fault or not.</summary>
    void Say(string message, bool isFault);
}

/// <summary>
/// Takes DICOM objects over TCP: verification (C-ECHO) and storage (C-STORE), as a service class provider. Each connection has a thread and
/// a buffer of 64 KiB, and their number is bounded: where it is reached, the oldest one that has not asked for an association gives way, so
/// that connections that say nothing keep nobody out. There is no TLS.
/// </summary>
/// <param name="options">Where, and for whom.</param>
/// <param name="store">Where objects go.</param>
/// <param name="say">Hears what is done, and with true what went wrong. Called by several threads.</param>
sealed class DicomListener(DicomListenerOptions options, IInstanceStore store, Action<string, bool> say) : IDisposable
{
    /// <summary>Connections beyond the associations: those that are being negotiated, and rejected.</summary>
    const int MoreConnections = 32;

    const int Backlog = 128;

    /// <summary>Lines on faults that are said a minute; peers cannot fill a disk with the log.</summary>
    const int MostFaultsSaid = 60;

    static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);

    readonly object _gate = new();
    readonly LinkedList<Connection> _connections = [];
    Socket? _listening;
    Thread? _accepting;
    int _associations, _faultsSaid, _faultsKept;
    long _faultsSince;
    bool _isStopping;

    /// <summary>The port that it listens on.</summary>
    public int Port => ((IPEndPoint)_listening!.LocalEndPoint!).Port;

    /// <summary>Begins to listen.</summary>
    /// <exception cref="SeverityException"><see cref="SeverityError.InvalidArgument"/>: the address or the port cannot be had.</exception>
    public void Start()
    {
        IPEndPoint end = new(options.Address, options.Port);
        try
        {
            _listening = new Socket(end.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            _listening.Bind(end);
            _listening.Listen(Backlog);
        }
        catch (SocketException e)
        {
            _listening?.Dispose();
            throw new SeverityException(SeverityError.InvalidArgument, e.SocketErrorCode switch
            {
                SocketError.AddressAlreadyInUse => $"port {options.Port} of {options.Address} is in use; give another --port",
                SocketError.AccessDenied => $"port {options.Port} may not be listened on by this user; give a --port above 1023",
                SocketError.AddressNotAvailable => $"{options.Address} is no address of this machine; give another --bind",
                _ => $"{options.Address} port {options.Port} cannot be listened on: {e.SocketErrorCode}; give another --bind or --port",
            }, e);
        }
        _accepting = new Thread(Accept) { IsBackground = true, Name = "accept" };
        _accepting.Start();
    }

    /// <summary>Takes no more connections, and ends those that are idle; objects that are being received are finished.</summary>
    public void BeginStop()
    {
        lock (_gate)
        {
            _isStopping = true;
            foreach (Connection connection in _connections.Where(c => !c.IsBusy))
                connection.Peer.Wake();
        }
        _listening?.Dispose();
    }

    /// <summary>Ends it.</summary>
    /// <param name="patience">Canceled when what is being received shall be finished no more.</param>
    /// <param name="most">How long that is waited for at most.</param>
    public void Stop(TimeSpan most, CancellationToken patience = default)
    {
        BeginStop();
        using CancellationTokenRegistration wake = patience.Register(Pulse);
        lock (_gate)
        {
            long end = Environment.TickCount64 + (long)most.TotalMilliseconds;
            while (_connections.Count > 0 && !patience.IsCancellationRequested
                && end - Environment.TickCount64 is > 0 and var left)
                Monitor.Wait(_gate, (int)Math.Min(left, int.MaxValue));
            foreach (Connection connection in _connections)
                connection.Peer.Close();
            // Their threads drop what they hold of files, and are done.
            end = Environment.TickCount64 + (long)s_pause.TotalMilliseconds * 10;
            while (_connections.Count > 0 && end - Environment.TickCount64 is > 0 and var rest)
                Monitor.Wait(_gate, (int)rest);
        }
    }

    public void Dispose() => Stop(TimeSpan.Zero);

    void Pulse()
    {
        lock (_gate)
            Monitor.PulseAll(_gate);
    }

    void Accept()
    {
        while (!Volatile.Read(ref _isStopping))
        {
            Socket? socket = null;
            try
            {
                socket = _listening!.Accept();
                Serve(socket);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or IOException or OutOfMemoryException
                or ThreadStartException)
            {
                socket?.Dispose();
                if (Volatile.Read(ref _isStopping))
                    return;
                // Out of descriptors, threads or memory, for now.
                if (e is not SocketException { SocketErrorCode: SocketError.ConnectionAborted or SocketError.ConnectionReset })
                {
                    Say("a connection could not be taken: files, threads or memory are short; raise this process's limits", isFault: true);
                    Thread.Sleep(s_pause);
                }
            }
        }
    }

    void Serve(Socket socket)
    {
        string address = (socket.RemoteEndPoint as IPEndPoint)?.Address.ToString() ?? "an unknown address";
        Connection connection = new(this, new PduSocket(socket));
        lock (_gate)
        {
            if (_isStopping)
            {
                socket.Dispose();
                return;
            }
            if (_connections.Count >= options.MostAssociations + MoreConnections)
                _connections.First(c => !c.IsAssociated).GiveWay();
            connection.Node = _connections.AddLast(connection);
        }
        try
        {
            new Thread(() => Serve(connection, address), 256 << 10) { IsBackground = true, Name = "association" }.Start();
        }
        catch
        {
            Remove(connection);
            throw;
        }
    }

    void Serve(Connection connection, string address)
    {
        try
        {
            using (connection.Peer)
                new ProviderAssociation(connection.Peer, options, store, connection, address).Serve();
        }
        catch (PeerFault fault)
        {
            Say(fault.Message, isFault: true);
        }
#pragma warning disable CA1031 // A fault of ours costs one association.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Say($"{address}: a fault of this program, please report it: {e.GetType().Name}: {e.Message}", isFault: true);
        }
        finally
        {
            Remove(connection);
        }
    }

    void Remove(Connection connection)
    {
        lock (_gate)
        {
            if (connection.Node is { List: not null } node)
                _connections.Remove(node);
            if (connection.IsAssociated)
                _associations--;
            Monitor.PulseAll(_gate);
        }
    }

    void Say(string message, bool isFault)
    {
        string? more = null;
        if (isFault)
        {
            lock (_gate)
            {
                if (Environment.TickCount64 - _faultsSince > 60_000)
                {
                    more = _faultsKept > 0 ? $"{_faultsKept} further faults were not shown" : null;
                    (_faultsSince, _faultsSaid, _faultsKept) = (Environment.TickCount64, 0, 0);
                }
                if (++_faultsSaid > MostFaultsSaid)
                {
                    _faultsKept++;
                    return;
                }
            }
        }
        if (more is not null)
            say(more, true);
        say(message, isFault);
    }

    /// <summary>A connection, and where it stands.</summary>
    sealed class Connection(DicomListener listener, PduSocket peer) : IAssociationWatch
    {
        public PduSocket Peer => peer;

        public LinkedListNode<Connection>? Node { get; set; }

        public bool IsAssociated { get; private set; }

        public bool IsBusy { get; private set; }

        public bool IsStopping => Volatile.Read(ref listener._isStopping);

        /// <summary>Ends it for one that comes later. Its place is free at once, whenever its thread is done.</summary>
        public void GiveWay()
        {
            listener._connections.Remove(Node!);
            peer.Wake();
        }

        public bool TryAssociate()
        {
            lock (listener._gate)
            {
                if (Node!.List is null || listener._associations >= listener.Most)
                    return false;
                listener._associations++;
                return IsAssociated = true;
            }
        }

        public void Begin()
        {
            lock (listener._gate)
            {
                if (listener._isStopping)
                    throw new PeerFault("this program ends");
                IsBusy = true;
            }
        }

        public bool End()
        {
            lock (listener._gate)
            {
                IsBusy = false;
                return !listener._isStopping;
            }
        }

        public void Say(string message, bool isFault) => listener.Say(message, isFault);
    }

    int Most => options.MostAssociations;
}
