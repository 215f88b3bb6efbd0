using Spillway.Client;

namespace Spillway.Cli.Subscribe;

/// <summary>Prints an event on one line.</summary>
internal interface IEventPrinter
{
    Task PrintAsync(ReceivedEvent received);
}
