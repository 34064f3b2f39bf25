"""Keep why people were exchanged

Revision ID: 0005
Revises: 0004
Create Date: 2026-11-23 16:05:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade():
    # Plain ALTER TABLE on SQLite too: a batch would copy the whole log.
    op.add_column('change_log', sa.Column('reason', sa.String(length=300), nullable=True))


def downgrade():
    op.drop_column('change_log', 'reason')
