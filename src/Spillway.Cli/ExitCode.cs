namespace Spillway.Cli;

/// <summary>The statuses that every command ends with.</summary>
internal static class ExitCode
{
    public const int Success = 0;

    /// <summary>The command was understood and could not do its work.</summary>
    public const int Failure = 1;

    /// <summary>An option or a value is wrong: the same command will never work.</summary>
    public const int Usage = 2;
}
