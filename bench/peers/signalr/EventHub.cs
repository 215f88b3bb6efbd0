using Microsoft.AspNetCore.SignalR;

namespace SignalRPeer;

/// <summary>Subscribers join the group of a topic.</summary>
internal sealed class EventHub : Hub<IEventClient>
{
    public Task Subscribe(string topic) => Groups.AddToGroupAsync(Context.ConnectionId, topic, Context.ConnectionAborted);
}
