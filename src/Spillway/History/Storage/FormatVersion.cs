namespace Spillway.History.Storage;

/// <summary>What a program does with a file of a format that it does not know.</summary>
internal static class FormatVersion
{
    /// <exception cref="NotSupportedException">It is another version than the one this program reads. The file is whole: it is no damage, and must not be repaired.</exception>
    public static void Check(uint version, uint known)
    {
        if (version != known)
        {
            throw new NotSupportedException($"A file of the history has format version {version}; this program reads version {known}. Use the program that wrote it, or a later one.");
        }
    }
}
