namespace Spillway.History.Storage;

/// <summary>The files of one history directory: the one place through which history touches a disk, so that a test can put a faulty one behind it. Names are without a path.</summary>
/// <remarks>Faults are <see cref="IOException"/> with the system's error number in HResult. What is not synced may be lost, torn or reordered by a power loss.</remarks>
internal interface IDisk
{
    /// <summary>Names of all files, in the order of their bytes.</summary>
    IReadOnlyList<string> List();

    /// <summary>Makes a new, empty file, which must not exist. It outlives a power loss only after <see cref="SyncDirectory"/>.</summary>
    IDiskFile Create(string name);

    /// <summary>Opens a file that exists.</summary>
    IDiskFile Open(string name, bool writable);

    /// <summary>Gives a file another name, in one step; what had that name is gone.</summary>
    void Rename(string from, string to);

    void Delete(string name);

    /// <summary>Makes creations, renames and deletions until now outlive a power loss.</summary>
    void SyncDirectory();
}
