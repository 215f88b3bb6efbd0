namespace Spillway.History.Storage;

/// <summary>What tells a file from every copy of it. A new name, another mount or a restart of the system leaves it as it is.</summary>
/// <param name="Number">The file system's number of the file (inode).</param>
/// <param name="Birth">When it was made, in nanoseconds since 1970: numbers are used again.</param>
internal readonly record struct FileIdentity(ulong Number, long Birth)
{
    /// <summary>False where the system does not tell.</summary>
    public bool IsKnown => Number != 0 && Birth != 0;
}
