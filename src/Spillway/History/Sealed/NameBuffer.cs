namespace Spillway.History.Sealed;

/// <summary>Names read from a sidecar, one behind the other; each may share its beginning with the one before.</summary>
internal sealed class NameBuffer(int expected)
{
    private byte[] _names = new byte[Math.Max(256, expected)];
    private int _used;
    private int _lastAt;
    private int _lastLength;

    public ReadOnlySpan<byte> Last => _names.AsSpan(_lastAt, _lastLength);

    /// <summary>The next name shares nothing.</summary>
    public void BeginPiece() => _lastLength = 0;

    /// <summary>Reads the next name; says where it is.</summary>
    public (int At, int Length) ReadNext(ref SidecarScan scan)
    {
        var shared = scan.ReadCount(_lastLength);
        var rest = scan.ReadName();
        var length = shared + rest.Length;
        if (_used + length > _names.Length)
        {
            Array.Resize(ref _names, Math.Max(_names.Length * 2, _used + length));
        }

        _names.AsSpan(_lastAt, shared).CopyTo(_names.AsSpan(_used));
        rest.CopyTo(_names.AsSpan(_used + shared));
        (_lastAt, _lastLength) = (_used, length);
        _used += length;
        return (_lastAt, length);
    }

    public byte[] ToArray() => _names.AsSpan(0, _used).ToArray();
}
