"""Tell people what changed for them

Revision ID: 0004
Revises: 0003
Create Date: 2026-11-23 15:26:10.402117

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None

UNREAD = sa.text('read_at IS NULL AND deleted_at IS NULL')


def upgrade():
    op.create_table('notifications',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('user_id', sa.String(length=36), nullable=False),
    sa.Column('seq', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('event', sa.String(length=40), nullable=False),
    sa.Column('topic', sa.String(length=40), nullable=False),
    sa.Column('entity', sa.String(length=32), nullable=False),
    sa.Column('entity_id', sa.String(length=36), nullable=False),
    sa.Column('facts', sa.JSON(), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('read_at', sa.DateTime(), nullable=True),
    sa.Column('deleted_at', sa.DateTime(), nullable=True),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_notifications_user_id_users'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notifications'))
    )
    with op.batch_alter_table('notifications', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_notifications_created_at'), ['created_at'], unique=False)
        batch_op.create_index('ix_notifications_list', ['user_id', 'created_at', 'deleted_at', 'read_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_notifications_seq'), ['seq'], unique=False)
        batch_op.create_index('ix_notifications_unread', ['user_id', 'entity_id', 'topic', 'event'], unique=True, sqlite_where=UNREAD, postgresql_where=UNREAD)


def downgrade():
    with op.batch_alter_table('notifications', schema=None) as batch_op:
        batch_op.drop_index('ix_notifications_unread', sqlite_where=UNREAD, postgresql_where=UNREAD)
        batch_op.drop_index(batch_op.f('ix_notifications_seq'))
        batch_op.drop_index('ix_notifications_list')
        batch_op.drop_index(batch_op.f('ix_notifications_created_at'))

    op.drop_table('notifications')
