namespace Spillway.History.Storage;

/// <summary>An open file. Reading is for any thread, also while one other writes.</summary>
internal interface IDiskFile : IDisposable
{
    long Length { get; }

    /// <summary>What tells it from a copy of it; not known where the system does not tell.</summary>
    FileIdentity Identity => default;

    /// <summary>Reads up to the length of <paramref name="bytes"/>; fewer only at the end of the file. Says how many.</summary>
    int Read(long at, Span<byte> bytes);

    /// <summary>Writes all bytes, or throws after having written any part of them.</summary>
    void Write(long at, ReadOnlySpan<byte> bytes);

    /// <summary>Cuts the file, or fills it with zeros.</summary>
    void SetLength(long length);

    /// <summary>Returns when all that was written outlives a power loss. After a failure nobody knows what does, and a second call may succeed over lost bytes: never call it again.</summary>
    void Sync();
}
