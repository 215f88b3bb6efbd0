using Spillway.History.Storage;

namespace Spillway.History.Sealed;

/// <summary>A sidecar that was just made, read as if it were stored.</summary>
internal sealed class BytesFile(byte[] bytes) : IDiskFile
{
    public long Length => bytes.Length;

    public int Read(long at, Span<byte> into)
    {
        var length = (int)Math.Clamp(bytes.Length - at, 0, into.Length);
        bytes.AsSpan((int)Math.Min(at, bytes.Length), length).CopyTo(into);
        return length;
    }

    public void Write(long at, ReadOnlySpan<byte> source) => throw new NotSupportedException();

    public void SetLength(long length) => throw new NotSupportedException();

    public void Sync() => throw new NotSupportedException();

    public void Dispose()
    {
    }
}
