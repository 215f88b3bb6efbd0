namespace Spillway.History.Storage;

/// <summary>Where the bytes of one segment go.</summary>
internal interface ISegmentFile
{
    /// <summary>Stores whole records behind those that are there, and fills in their checksums. Returns when they are written.</summary>
    /// <exception cref="IOException">They could not be stored; nothing may be written to this file any more.</exception>
    void Write(Span<byte> records);

    /// <summary>Returns when all that was written outlives a power loss; a sealed file is let go of then. Another thread may write meanwhile.</summary>
    /// <exception cref="IOException">Nobody knows what does; the file is never synced, nor written to, again.</exception>
    void Sync();

    /// <summary>Shows a file that was made hidden to the next start.</summary>
    /// <exception cref="IOException">It is hidden still.</exception>
    void Show();

    /// <summary>Nothing is written any more. May be called again. Never throws for a fault of the disk.</summary>
    void Seal();

    /// <summary>Gives the bytes up. May be called again. Never throws for a fault of the disk, but says whether they are gone.</summary>
    bool Delete();
}
