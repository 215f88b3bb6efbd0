using Spillway.Transports.WebSocket;

namespace Spillway.Transports.Parked;

/// <summary>What clients of parked WebSockets may do, by the connection's number: eight bytes for each number, in pieces that do not move. An open hub has none.</summary>
internal sealed class SocketAccesses
{
    private const int PieceBits = 10;
    private const int PieceMask = (1 << PieceBits) - 1;

    private readonly List<SocketAccess?[]?> _pieces = [];

    public void Set(int number, SocketAccess access)
    {
        var piece = number >> PieceBits;
        while (_pieces.Count <= piece)
        {
            _pieces.Add(null);
        }

        (_pieces[piece] ??= new SocketAccess?[1 << PieceBits])[number & PieceMask] = access;
    }

    /// <exception cref="InvalidOperationException">Nothing is known of the connection: then nothing may be allowed.</exception>
    public SocketAccess Get(int number) =>
        (number >> PieceBits < _pieces.Count ? _pieces[number >> PieceBits]?[number & PieceMask] : null) ?? throw new InvalidOperationException("Nobody knows what this connection may subscribe to.");

    public void Remove(int number)
    {
        if (number >> PieceBits < _pieces.Count && _pieces[number >> PieceBits] is { } piece)
        {
            piece[number & PieceMask] = null;
        }
    }
}
