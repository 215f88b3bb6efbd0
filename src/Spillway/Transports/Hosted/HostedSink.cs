using System.Buffers;
using Spillway.Delivery;

namespace Spillway.Transports.Hosted;

/// <summary>Writes a loop's hosted connections through Kestrel's pipes. An incomplete flush is what EAGAIN is to a socket.</summary>
internal sealed class HostedSink : IConnectionSink
{
    /// <summary>
    /// Bytes given to the pipe before it is asked whether it keeps up: a subscriber that does not read holds Kestrel's response buffer (64 KiB by default) and this.
    /// </summary>
    private const int SliceBytes = 16 * 1024;

    private HostedConnection?[] _connections = new HostedConnection?[256];

    public void Attach(int number, HostedConnection connection)
    {
        if (number >= _connections.Length)
        {
            Array.Resize(ref _connections, Math.Max(number + 1, _connections.Length * 2));
        }

        _connections[number] = connection;
    }

    public int Send(int connection, ReadOnlySpan<byte> bytes, out bool ready)
    {
        var hosted = _connections[connection]!;
        var sent = 0;
        ready = true;
        try
        {
            while (sent < bytes.Length && ready)
            {
                var slice = Math.Min(SliceBytes, bytes.Length - sent);
                hosted.Output.Write(bytes.Slice(sent, slice));
                sent += slice;
                ready = hosted.TryFlush();
                if (hosted.IsBroken)
                {
                    return -1;
                }
            }
        }
#pragma warning disable CA1031 // A response that was completed or reset under our feet throws in several ways; all mean the same.
        catch (Exception)
#pragma warning restore CA1031
        {
            return -1;
        }

        return sent;
    }

    public void Close(int connection, CloseReason reason, long offset)
    {
        if (connection >= _connections.Length)
        {
            return; // It could not be attached.
        }

        _connections[connection]?.End(reason); // Null where it could not be attached: then its loop has failed.
        _connections[connection] = null; // A reference kept to a finished response would keep all of it.
    }
}
