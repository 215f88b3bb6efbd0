namespace Spillway.Mercure.Patterns;

/// <summary>The component that is being read of a whole pattern, in the order in which they stand.</summary>
internal enum PatternState
{
    /// <summary>It is not known yet whether the pattern begins with a protocol.</summary>
    Init,
    Protocol,
    /// <summary>It is not known yet whether there is a user before the host.</summary>
    Authority,
    Username,
    Password,
    Hostname,
    Port,
    Pathname,
    Search,
    Hash,
    Done,
}
