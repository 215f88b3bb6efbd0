namespace Spillway.Delivery;

/// <summary>The leases of a loop's connections, by the connection's number: eight bytes for each number, in pieces that do not move. Nothing where nobody has one.</summary>
internal sealed class LeaseTable
{
    private const int PieceBits = 10;
    private const int PieceMask = (1 << PieceBits) - 1;

    private readonly List<Lease?[]?> _pieces = [];

    /// <summary>The connection's; null where it has none.</summary>
    public Lease? this[int number] => number >> PieceBits < _pieces.Count ? _pieces[number >> PieceBits]?[number & PieceMask] : null;

    public void Set(int number, Lease? lease)
    {
        var piece = number >> PieceBits;
        if (lease is null && (piece >= _pieces.Count || _pieces[piece] is null))
        {
            return;
        }

        while (_pieces.Count <= piece)
        {
            _pieces.Add(null);
        }

        (_pieces[piece] ??= new Lease?[1 << PieceBits])[number & PieceMask] = lease;
    }
}
