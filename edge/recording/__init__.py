"""Pictures kept: only when somebody asks for a clip or the owner turns recording on."""
