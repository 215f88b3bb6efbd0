namespace Spillway.Cli.Doctor;

/// <summary>How something of a host stands to what is needed of it.</summary>
internal enum FindingState
{
    /// <summary>There is enough of it.</summary>
    Fine,

    /// <summary>There is too little of it.</summary>
    Short,

    /// <summary>Worth knowing; nothing is needed of it.</summary>
    Note,

    /// <summary>The system does not say.</summary>
    Unknown,
}
