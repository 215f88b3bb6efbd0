using System.CommandLine;

namespace Spillway.Cli.Doctor;

/// <summary><c>spillway doctor</c>: what stands in a hub's way.</summary>
internal static class DoctorCommand
{
    public static Command Create(Terminal terminal) => new("doctor", "Looks for what stands in a hub's way. Changes nothing.")
    {
        HostCommand.Create(terminal),
    };
}
